"""What a reason means to people: the shape of a row in access/words/reasons.py and its parts."""

from dataclasses import dataclass
from http import HTTPStatus

from access.model import Bilingual


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row: a title, what the owner and what an administrator can do, an HTTP status."""

    title: Bilingual
    owner: Bilingual
    administrator: Bilingual
    http_status: HTTPStatus

"""A decision as the page of a person shows it."""

from dataclasses import dataclass

from access.model import Via
from access.policy.explain import Explanation


@dataclass(frozen=True, slots=True)
class Explained:
    """What was asked and the answer: told with its lines, or wrong with why there is none.

    objects: what can be asked for. at: the moment it is about, None for now. notes: what is not certain of a
    day that is over. revision: of the policy that answers.
    """

    via: Via
    wanted: str
    objects: tuple[str, ...]
    told: Explanation | None = None
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    revision: str = ""
    at: float | None = None
    wrong: str = ""

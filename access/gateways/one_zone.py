"""One endpoint, one zone: which of its sessions yield where it has some in several.

What access.logins.presence.rank ranks lower yields. Among equals the newest is where the endpoint is now:
what a NAS has left behind without a Stop must not shut it out.
"""

from collections.abc import Iterable
from typing import NamedTuple

from access.gateways.livesessions import LiveSession
from access.logins.presence import rank
from access.model import Absent, Method


class Placed(NamedTuple):
    """A session that is in a zone."""

    session: LiveSession
    zone: str


def yielding(placed: Iterable[Placed]) -> list[LiveSession]:
    """The sessions of one endpoint that have to end, so that it is in one zone."""
    known = list(placed)
    if len({each.zone for each in known}) < 2:
        return []
    zone = max(known, key=_claim).zone
    return [each.session for each in known if each.zone != zone]


def _claim(placed: Placed) -> tuple[bool, bool, float, bytes, int]:
    session = placed.session
    came = (session.present.admitted_at, session.present.class_) if session.present else (0.0, b"")
    via = session.facts.via
    assert not isinstance(via, Absent), "every session came by a door"
    return *rank(via, session.facts.method == Method.MAB), *came, session.id

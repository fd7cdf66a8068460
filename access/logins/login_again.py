"""A login that is decided again between its record and its reply: the world may have moved meanwhile. ▸

What was granted stands where the decision of now gives the same for as long. Else the session goes on with
what it gives now, or the login is refused, and its record ends the session that the first one had opened:
nobody was let in by it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from access.logins.login import Logins
from access.logins.login_record import WITHDRAWN
from radius.questions import Authorize, Granted, Refused

# What a login comes to, beside when it ends. A device's own login has its privilege in its row of the audit.
_SAME = ("kind", "user", "endpoint", "organization", "vlan", "gifts", "voice", "zone", "network_password")
# A time that is told in whole seconds.
_ROUNDED_S = 1.0


def authorize_again(logins: Logins, question: Authorize, granted: Granted, now: float) -> Granted | Refused:
    """Return granted itself where it stands, else what is instead of it. Raises UnknownNas."""
    outcome = logins.authorize(replace(question, session=granted.class_), now)
    assert isinstance(outcome, Granted | Refused), "whoever decides has nothing more to ask"
    before, after = _told(granted), _told(outcome)
    if isinstance(outcome, Granted) and _gives_the_same(before, after):
        return granted
    after["entry"]["detail"]["again"] = True
    if isinstance(outcome, Refused) and granted.class_ and not question.session:
        logins.limits.withdrawn(granted.class_)
        after[WITHDRAWN] = granted.class_.hex()
    return outcome


def _told(outcome: Granted | Refused) -> dict[str, Any]:
    assert isinstance(outcome.record, dict), "every decision has its record"
    return outcome.record


def _gives_the_same(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    privileges = [each["entry"]["detail"].get("privilege") for each in (before, after)]
    same = all(before.get(name) == after.get(name) for name in _SAME)
    return same and privileges[0] == privileges[1] and _end(after) >= _end(before) - _ROUNDED_S


def _end(record: Mapping[str, Any]) -> float:
    until = record.get("valid_until")
    return float("inf") if until is None else float(until)

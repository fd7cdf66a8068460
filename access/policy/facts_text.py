"""Facts as plain JSON, and back: what is kept of a login, so that it can be decided again.

A fact that is unknown is left out, one that does not apply is null. Whose the NAS is, is left out where that
does not apply, as in whatever was kept before it was a fact, and "" where it is unknown.
"""

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from math import inf
from typing import Any

from access.logins.risk import Risk, risk_kept
from access.model import Absent, Certified, Facts, Medium, Method, Others, Via
from access.nas.endpoint_standing import EndpointFacts
from access.proof.factors import Factor, Origin

_FOR_GOOD = "for good"
_UNTOLD = Facts()


class BadFacts(ValueError):
    """What is kept is none of ours, or of a version that knew other words."""


def spell(facts: Facts) -> dict[str, Any]:
    """The facts as JSON can keep them."""
    told: dict[str, Any] = {}
    for name, (spelt, _) in _KINDS.items():
        fact = getattr(facts, name)
        if fact is Absent.UNKNOWN and getattr(_UNTOLD, name) is Absent.DOES_NOT_APPLY:
            told[name] = ""
        elif fact is not getattr(_UNTOLD, name):
            told[name] = None if fact is Absent.DOES_NOT_APPLY else spelt(fact)
    return told


def read(told: Mapping[str, Any]) -> Facts:
    """The facts that were kept so. Raises BadFacts."""
    try:
        known = {
            name: Absent.DOES_NOT_APPLY if told[name] is None else parse(told[name])
            for name, (_, parse) in _KINDS.items()
            if name in told
        }
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise BadFacts(str(error)) from error
    return Facts(**known)


def _spell_endpoint(endpoint: EndpointFacts) -> list[Any]:
    untils = (endpoint.known, endpoint.managed, endpoint.certified)
    return [_FOR_GOOD if until == inf else until for until in untils]


def _read_endpoint(told: Any) -> EndpointFacts:
    known, managed, certified = (inf if until == _FOR_GOOD else until for until in told)
    for until in (known, managed, certified):
        if until is not None:
            float(until)
    return EndpointFacts(known, managed, certified)


def _spell_others(others: Others) -> list[Any]:
    return [[door, count] for door, count in others.by_door]


def _read_others(told: Any) -> Others:
    return Others(tuple((None if door is None else Via(door), int(count)) for door, count in told))


def _read_risk(told: str) -> Risk:
    kept = risk_kept(told)
    if kept is None:
        raise ValueError(f"{told!r} is no risk")
    return kept


_Kind = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def _word(parse: Callable[[str], Any]) -> _Kind:
    return str, parse


_KINDS: Mapping[str, _Kind] = {
    "via": _word(Via),
    "method": _word(Method),
    "otp_at": (float, float),
    "site": _word(str),
    "nas_group": _word(str),
    "ssid": _word(str),
    "medium": _word(Medium),
    "certificate": _word(Certified),
    "factor": _word(Factor),
    "assurance": _word(Origin),
    "source": _word(ip_address),
    "country": _word(str),
    "endpoint": (_spell_endpoint, _read_endpoint),
    "sessions": (_spell_others, _read_others),
    "station": _word(str),
    "risk": (str, _read_risk),
    "nas_organization": (str, lambda text: str(text) or Absent.UNKNOWN),
}

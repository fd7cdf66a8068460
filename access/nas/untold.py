"""What a policy gives that a NAS cannot be told: a login there that it spoke for would be refused."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from access.logins.accept import untellable
from access.model import Absent, Effect, Facts, Gives, Via
from access.policy.compiled import Policy
from access.policy.conditions import Truth, judge
from access.policy.vocabulary import LOGIN_DEVICE, Rule

# The conditions that a NAS meets or does not, whoever logs in.
_OF_PLACE = frozenset({"via", "site", "nas_group"})
_NOTHING = Gives()


@dataclass(frozen=True, slots=True)
class Spot:
    """A NAS, as far as rules and attributes go by it."""

    name: str
    organization: str
    vendor: str
    via: Via
    site: str = ""
    nas_group: str = ""


@dataclass(frozen=True, slots=True)
class Untold:
    """A rule that gives what the NASes of one vendor, of one organization, cannot be told, and why."""

    rule: str
    organization: str
    vendor: str
    nas: tuple[str, ...]
    why: str


def untold(policy: Policy, spots: Iterable[Spot], now: float) -> tuple[Untold, ...]:
    """Return what could not be told where, by rule, organization and vendor; now: seconds since the epoch."""
    found = defaultdict[tuple[str, str, str, str], list[str]](list)
    known = tuple(spots)
    for rule in policy.document.rules:
        if rule.effect is not Effect.PERMIT or rule.gives == _NOTHING:
            continue
        for spot in known:
            why = _why(policy, rule, spot)
            if why and _may_speak(rule, spot, now):
                found[rule.id, spot.organization, spot.vendor, why].append(spot.name)
    return tuple(
        Untold(rule_id, organization, vendor, tuple(sorted(names)), why)
        for (rule_id, organization, vendor, why), names in sorted(found.items())
    )


def _why(policy: Policy, rule: Rule, spot: Spot) -> str:
    """What the NAS could not be told; empty too where the rule is about other doors than its own."""
    doors = {f"login:{spot.via}", LOGIN_DEVICE}
    if doors.isdisjoint(rule.objects):
        return ""
    return untellable(spot.vendor, rule.gives, policy.document.vlans.get(spot.site, {}))


def _may_speak(rule: Rule, spot: Spot, now: float) -> bool:
    via = Via.DEVICE if LOGIN_DEVICE in rule.objects else spot.via
    facts = Facts(via=via, site=spot.site or Absent.UNKNOWN, nas_group=spot.nas_group or Absent.UNKNOWN)
    of_place = (each for each in rule.conditions if each.name in _OF_PLACE)
    return all(judge(each, facts, now).truth is not Truth.FAILS for each in of_place)

"""What a policy gives that a NAS cannot be told, or is told and does nothing about.

A login for which a rule gives the former would be refused there. The latter are the ends of a session: no
login is refused for them, and the preview says where nothing comes of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from access.logins.accept import untellable
from access.model import Absent, Effect, Facts, Gives, Via
from access.policy.compiled import Policy
from access.policy.conditions import Truth, judge
from access.policy.vocabulary import LOGIN_DEVICE, Rule
from radius.vendor.families import family_of
from radius.vendor.family import Limit

# The conditions that a NAS meets or does not, whoever logs in.
_OF_PLACE = frozenset({"via", "site", "nas_group"})
# The conditions by which the clock alone ends what a rule permits.
_OF_TIME = frozenset({"hours", "holiday", "otp_age", "valid"})
_NOTHING = Gives()
_NAMED = 3
_UNHEEDED = {
    Limit.SESSION_TIMEOUT: "{} ends no session when its time is over",
    Limit.IDLE_TIMEOUT: "{} ends no session because nothing happens in it",
}


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
    """A rule that gives what the NASes of one vendor, of one organization, cannot be told, and why.

    Where refused is False they are told, and do not heed it: rule has all such rules then, the first by name.
    """

    rule: str
    organization: str
    vendor: str
    nas: tuple[str, ...]
    why: str
    refused: bool = True


def untold(policy: Policy, spots: Iterable[Spot], now: float) -> tuple[Untold, ...]:
    """Return what would come to nothing where, by rule, organization and vendor; now: seconds since 1970."""
    refused = defaultdict[tuple[str, str, str, str], set[str]](set)
    unheeded = defaultdict[tuple[str, str, str], tuple[set[str], set[str]]](lambda: (set(), set()))
    known = tuple(spots)
    for rule in policy.document.rules:
        if rule.effect is not Effect.PERMIT or not rule.objects[0].startswith("login:"):
            continue
        for spot in known:
            if not _may_speak(rule, spot, now):
                continue
            if why := _why(policy, rule, spot):
                refused[rule.id, spot.organization, spot.vendor, why].add(spot.name)
                continue
            for why in _unheeded(rule, spot):
                rules, names = unheeded[spot.organization, spot.vendor, why]
                rules.add(rule.id)
                names.add(spot.name)
    return (
        *(
            Untold(rule_id, organization, vendor, tuple(sorted(names)), why)
            for (rule_id, organization, vendor, why), names in sorted(refused.items())
        ),
        *(
            Untold(_some(sorted(rules)), organization, vendor, tuple(sorted(names)), why, refused=False)
            for (organization, vendor, why), (rules, names) in sorted(unheeded.items())
        ),
    )


def _some(rules: Sequence[str]) -> str:
    """Return the first of some names, and how many more there are: many rules have an end."""
    more = len(rules) - _NAMED
    return ", ".join(rules[:_NAMED]) + (f" (+{more})" if more > 0 else "")


def _why(policy: Policy, rule: Rule, spot: Spot) -> str:
    """What the NAS could not be told; empty too where the rule is about other doors than its own."""
    doors = {f"login:{spot.via}", LOGIN_DEVICE}
    if rule.gives == _NOTHING or doors.isdisjoint(rule.objects):
        return ""
    return untellable(spot.vendor, rule.gives, policy.document.vlans.get(spot.site, {}))


def _unheeded(rule: Rule, spot: Spot) -> Iterator[str]:
    """Yield which ends of a session at the NAS it does not heed."""
    if f"login:{spot.via}" not in rule.objects:
        return
    family = family_of(spot.vendor)
    timed = rule.gives.session_timeout_s is not None or any(each.name in _OF_TIME for each in rule.conditions)
    idle = rule.gives.idle_timeout_s is not None
    for limit, given in ((Limit.SESSION_TIMEOUT, timed), (Limit.IDLE_TIMEOUT, idle)):
        if given and limit in family.unheeded:
            yield _UNHEEDED[limit].format(family.name)


def _may_speak(rule: Rule, spot: Spot, now: float) -> bool:
    via = Via.DEVICE if LOGIN_DEVICE in rule.objects else spot.via
    facts = Facts(via=via, site=spot.site or Absent.UNKNOWN, nas_group=spot.nas_group or Absent.UNKNOWN)
    of_place = (each for each in rule.conditions if each.name in _OF_PLACE)
    return all(judge(each, facts, now).truth is not Truth.FAILS for each in of_place)

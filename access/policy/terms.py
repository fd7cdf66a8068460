"""On what it depends whether somebody has an object, and whether other terms give them less of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from access.model import Effect, Gives, Subject
from access.policy.compiled import Policy
from access.policy.decide import owner_of
from access.policy.guardrails import is_met
from access.policy.offered import MUST_BE_NAMED
from access.policy.possible import is_over
from access.policy.touched import Meaning, definition
from access.policy.vocabulary import LOGIN_PORTAL, NOTHING, SINGLE_GIFTS, Condition, Rule

_LOGIN = "login:"
_VLANS = ("vlan", "voice_vlan")


@dataclass(frozen=True, slots=True)
class Term:
    """What one rule says of one object to whoever it is about. side: the organization it speaks for.

    crosses: the zones beside which the object is had.
    """

    effect: Effect
    requires: bool
    conditions: frozenset[Condition]
    gives: Gives
    side: str
    crosses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Terms:
    """All that is said of one object to somebody. defined: what it is; of a login, which gifts win.

    zone: where it is, "" in none.
    """

    said: frozenset[Term]
    defined: Meaning
    login: bool
    zone: str = ""

    def of(self, effect: Effect) -> list[Term]:
        """The permits; or the forbids and requirements."""
        return [term for term in self.said if term.effect is effect]


def terms_of(policy: Policy, subject: Subject, object: str, keys: frozenset[str], now: float) -> Terms:
    """The terms on which the subject, found under these keys, has the object. What is over says nothing."""
    owner = owner_of(policy, subject, object)
    sides = {owner, subject.organization}
    # Another organization speaks where somebody logs in at its NAS.
    anywhere = object.startswith(_LOGIN) and object != LOGIN_PORTAL
    found = {rule.id: rule for key in keys for rule in policy.by_object.get(object, {}).get(key, ())}
    rules = [
        rule
        for rule in found.values()
        if (rule.effect is Effect.DENY or anywhere or (rule.organization or owner) in sides)
        and not is_over(rule, now)
    ]
    zone = policy.zoning.of_object.get(object, "")
    if not object.startswith(_LOGIN):
        said = frozenset(_term(rule, owner, NOTHING) for rule in rules)
        return Terms(said, definition(policy.document, object), login=False, zone=zone)
    said = frozenset(_term(rule, owner, rule.gives) for rule in rules)
    if object == LOGIN_PORTAL and policy.leaves_portal_open(owner):
        said |= {Term(Effect.PERMIT, False, frozenset(), NOTHING, owner)}
    return Terms(said, tuple(_choice(policy, gift, rules) for gift in SINGLE_GIFTS), True, zone)


def narrows(old: Terms, new: Terms) -> bool:
    """Whether there may be facts under which only the old terms permit; that there are none is certain."""
    permits, stops = new.of(Effect.PERMIT), old.of(Effect.DENY)
    return (
        any(
            not any(_permits_as_much(one, other, old.login) for other in permits)
            for one in old.of(Effect.PERMIT)
        )
        or any(not any(_stops_as_much(one, other) for other in stops) for one in new.of(Effect.DENY))
        or (not old.login and old.defined != new.defined)
        # What enters a zone is refused to sessions of the others.
        or new.zone not in ("", old.zone)
    )


def _term(rule: Rule, owner: str, gives: Gives) -> Term:
    side = "" if rule.effect is Effect.DENY else rule.organization or owner
    return Term(rule.effect, rule.requires, frozenset(rule.conditions), gives, side, frozenset(rule.crosses))


def _permits_as_much(one: Term, other: Term, login: bool) -> bool:
    """Whether the other permit speaks whenever the one does."""
    if one.side != other.side or not one.crosses <= other.crosses or not _implies(one, other):
        return False
    methods = [condition.argument for condition in one.conditions if condition.name == "method"]
    unnamed = all(condition.name != "method" for condition in other.conditions)
    # Without a method a permit of a login does not mean the weak ones, which the one may have named.
    return not (login and unnamed and any(each & MUST_BE_NAMED for each in methods))


def _stops_as_much(one: Term, other: Term) -> bool:
    """Whether the other forbid or requirement stops whatever the one does."""
    if one.requires != other.requires:
        return not other.requires and not other.conditions
    return _implies(other, one) if one.requires else _implies(one, other)


def _implies(one: Term, other: Term) -> bool:
    """Whether the conditions of the other hold whenever those of the one do."""
    return all(is_met(condition, one.conditions) for condition in other.conditions)


def _choice(policy: Policy, gift: str, rules: Iterable[Rule]) -> Meaning:
    """Which of the values that these rules give wins, and what number a VLAN has at each site."""
    given = {value for rule in rules if (value := getattr(rule.gives, gift)) is not None}
    prefer = policy.document.prefer.get(gift, ())
    order = tuple(value for value in prefer if value in given) if len(given) > 1 else ()
    sites = policy.document.vlans.items() if gift in _VLANS else ()
    numbers = {
        (site, name, number) for site, known in sites for name, number in known.items() if name in given
    }
    return order, frozenset(numbers)

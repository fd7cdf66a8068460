"""What two policies differ in: the rules and objects that are not the same in both, and whom that can touch.

Rules are compared by what they say and not by their ids, so that a renamed rule touches nobody.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from access.policy.beside import Beside, keys_of_rule
from access.policy.compiled import Policy
from access.policy.computed import doubted, subject_keys
from access.policy.subjects import fold
from access.policy.vocabulary import SINGLE_GIFTS, ComputedGroup, Document, Rule

Meaning = tuple[Any, ...]
# The conditions about what is found out of live sessions only where some rule asks.
_FOUND_OUT = frozenset({"endpoint", "sessions"})


def meaning(rule: Rule) -> Meaning:
    """What a rule says, the same for rules that say the same."""
    return (
        rule.effect,
        rule.requires,
        frozenset(rule.objects),
        frozenset(map(fold, rule.who)),
        frozenset(rule.conditions),
        rule.gives,
        rule.organization,
        frozenset(rule.crosses),
    )


def differing_rules(old: Policy | None, new: Policy | None) -> list[Rule]:
    """The rules of either policy that the other has not."""
    before, after = _by_meaning(old), _by_meaning(new)
    return [each[key] for each in (before, after) for key in sorted_out(before, after) if key in each]


def sorted_out(before: Mapping[Meaning, Rule], after: Mapping[Meaning, Rule]) -> set[Meaning]:
    """The meanings that only one of them has."""
    return set(before.keys() ^ after.keys())


def differing_objects(old: Policy | None, new: Policy | None) -> frozenset[str]:
    """The networks and pools that are there in both and not the same or in another zone, and such logins.

    What only one of them has no rule of the other speaks of.
    """
    before, after = _objects(old), _objects(new)
    return frozenset(object for object in before.keys() & after.keys() if before[object] != after[object])


def differing_groups(old: Policy | None, new: Policy | None) -> frozenset[str]:
    """The keys of the groups that are not computed of the same people by both."""
    before, after = ({**policy.document.groups} if policy else {} for policy in (old, new))
    found: set[str] = set()
    # Each stands behind those that it is computed of.
    for group in (*before.values(), *after.values()):
        other = before.get(group.name), after.get(group.name)
        if len({_computed_of(each) for each in other}) > 1 or found & set(map(fold, group.terms)):
            found.add(fold(f"group:{group.name}"))
    return frozenset(found | doubted(found))


def _computed_of(group: ComputedGroup | None) -> Meaning | None:
    if group is None:
        return None
    return tuple(frozenset(map(fold, terms)) for terms in (group.any, group.all, group.but))


def touched(old: Policy | None, new: Policy | None) -> dict[str, set[str]]:
    """Objects by the subject key under which a rule about them was found that could now decide otherwise."""
    found: dict[str, set[str]] = {}
    for rule in differing_rules(old, new):
        for key in subject_keys(rule):
            found.setdefault(key, set()).update(rule.objects)
    for key in differing_groups(old, new):
        for policy in (old, new):
            about = (object for object, keys in policy.by_object.items() if key in keys) if policy else ()
            found.setdefault(key, set()).update(about)
    for object in differing_objects(old, new):
        for policy in (old, new):
            for key in policy.by_object.get(object, {}) if policy else ():
                found.setdefault(key, set()).add(object)
    for key, granted in _granted(old, new):
        found.setdefault(key, set()).update(granted)
    return found


def _granted(old: Policy | None, new: Policy | None) -> Iterator[tuple[str, set[str]]]:
    """What grants beside either policy are for that is not the same in both, by subject key."""
    before, after = (_owned(old), _owned(new)) if old or new else ({}, {})
    differing = {object for object in before.keys() | after.keys() if before.get(object) != after.get(object)}
    for policy in (old, new) if differing else ():
        for rule in policy.beside.rules.values() if policy else ():
            granted = differing.intersection(rule.objects)
            if granted:
                yield from ((key, granted) for key in keys_of_rule(rule))


def concerned(old: Policy | None, new: Policy | None) -> frozenset[str] | None:
    """The keys of whoever can have a live session that has to be judged anew; None: it can be anybody's.

    People have these keys by themselves: a computed group stands here as what it is computed of. What is no
    rule, group or opening, and differs, can be about anybody; so can a policy that comes in waves.
    """
    if old is None or new is None or (old.newer or new.newer) is not None or _frame(old) != _frame(new):
        return None
    keys = touched(old, new).keys() | _of_renamed(old, new) | _differing_beside(old.beside, new.beside)
    return own_keys(keys, old, new)


def own_keys(keys: Iterable[str], *policies: Policy) -> frozenset[str]:
    """Keys, with those that somebody has by themselves who by any of the policies has one of them."""
    computed_of: dict[str, set[str]] = {}
    for policy in policies:
        for group in policy.computed.groups:
            # Whoever is in a group has some of its terms, whatever keeps others out.
            for key in (group.key, *doubted([group.key])):
                computed_of.setdefault(key, set()).update(group.any | group.all)
    found: set[str] = set()
    ahead = set(keys)
    while ahead:
        found |= ahead
        ahead = set[str]().union(*(computed_of.get(key, ()) for key in ahead)) - found
    return frozenset(found)


def _frame(policy: Policy) -> Meaning:
    """What a policy says about everybody, apart from rules."""
    document = policy.document
    objects = {object: definition(document, object) for object in policy.owners}
    asks = policy.asks & _FOUND_OUT
    return policy.owners, objects, document.prefer, document.vlans, policy.zoning, policy.portal_of, asks


def _of_renamed(old: Policy, new: Policy) -> set[str]:
    """The keys of rules of another name: sessions in a zone remember which rules have put them there."""
    before, after = ({rule.id: frozenset(rule.who) for rule in each.document.rules} for each in (old, new))
    return {fold(who) for _, keys in before.items() ^ after.items() for who in keys}


def _differing_beside(old: Beside, new: Beside) -> set[str]:
    sides = ((old.rules.get(number), new.rules.get(number)) for number in old.rules.keys() | new.rules.keys())
    differing = (each for before, after in sides if before != after for each in (before, after))
    return {key for rule in differing if rule is not None for key in keys_of_rule(rule)}


def definition(document: Document, object: str) -> Meaning:
    """What an object is, the same for objects that are the same. Of a login: how its gifts are chosen."""
    kind, _, name = object.partition(":")
    if kind == "network":
        network = document.networks[name]
        return network.organization, frozenset(network.to), frozenset(network.ports)
    if kind == "vdi":
        pool = document.vdi[name]
        return pool.organization, pool.port, pool.lease_s, frozenset(pool.desktops.items())
    sites = ((site, tuple(sorted(numbers.items()))) for site, numbers in document.vlans.items())
    return (tuple((gift, document.prefer.get(gift, ())) for gift in SINGLE_GIFTS), tuple(sorted(sites)))


def _by_meaning(policy: Policy | None) -> dict[Meaning, Rule]:
    return {meaning(rule): rule for rule in policy.rules} if policy else {}


def _objects(policy: Policy | None) -> dict[str, Meaning]:
    return dict(_defined(policy)) if policy else {}


def _owned(policy: Policy | None) -> dict[str, Meaning]:
    """The networks and pools of a policy."""
    return {object: definition(policy.document, object) for object in policy.owners} if policy else {}


def _defined(policy: Policy) -> Iterator[tuple[str, Meaning]]:
    for object in {*policy.owners, *policy.by_object}:
        yield object, (definition(policy.document, object), policy.zoning.of_object.get(object))

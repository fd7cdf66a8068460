"""What is wrong with a document in this world: names no directory has, people who would get two VLANs."""

from collections.abc import Iterable, Iterator, Sequence

from access.policy.computed import terms_of
from access.policy.gift_check import unchosen
from access.policy.guardrails import missing_requirements
from access.policy.meant import everybody
from access.policy.reading import nearest
from access.policy.subjects import fold
from access.policy.vocabulary import SINGLE_GIFTS, Document, Problem, Rule, World
from access.policy.zone_check import find_clashes

_NAMED_USERS = 3
_MOST_CLASHES = 50
_PLURALS = {
    "vlan": "VLANs",
    "voice_vlan": "voice VLANs",
    "role": "roles",
    "acl": "ACLs",
    "privilege": "privileges",
    "address": "addresses",
}


def check(document: Document, world: World) -> list[Problem]:
    """Every problem the document has in this world, by line. Empty: it may be published."""
    return sorted(
        {
            *_unknown_names(document, world),
            *_conflicts(document, world),
            *_beyond(document, world),
            *_between_zones(document, world),
        }
    )


def _unknown_names(document: Document, world: World) -> Iterator[Problem]:
    for name, group in document.groups.items():
        if fold(name) in {fold(each) for each in world.groups}:
            yield Problem(group.line, f"a directory has a group {name!r} already", "give it another name")
    known = {
        "group": {fold(group): group for group in (*world.groups, *document.groups)},
        "attribute": {fold(each): each for each in _kept(world)},
        "user": {fold(user): user for user in world.users},
        "organization": {organization: organization for organization in world.organizations},
    }
    for line, kind, name in _names_spoken_of(document):
        spoken = name.partition("=")[0] if kind == "attribute" else name
        folded = spoken if kind == "organization" else fold(spoken)
        if kind in known and folded not in known[kind]:
            yield Problem(
                line, f"there is no {kind} {spoken!r}", nearest(spoken, tuple(known[kind].values()))
            )


def _names_spoken_of(document: Document) -> Iterator[tuple[int, str, str]]:
    """Every name of the directories in the document: line, kind, name."""
    for network in document.networks.values():
        yield network.line, "organization", network.organization
    for pool in document.vdi.values():
        yield pool.line, "organization", pool.organization
    yield from _names_of_requestable(document)
    for rule in document.rules:
        if rule.organization is not None:
            yield rule.line, "organization", rule.organization
        for who in rule.who:
            kind, _, name = who.partition(":")
            yield rule.line, kind, name
    for group in document.groups.values():
        yield group.line, "organization", group.name.partition("/")[0]
    for line, term in terms_of(document.groups):
        kind, _, name = term.partition(":")
        yield line, kind, name
    for test in document.tests:
        if test.user is not None:
            yield test.line, "user", test.user
        # Somebody of another realm is in no organization of ours.
        if test.subject is not None and not test.subject.realm:
            yield test.line, "organization", test.subject.organization
            yield from ((test.line, "group", group) for group in test.subject.groups)
            for attribute in test.subject.attributes:
                yield test.line, "attribute", f"{test.subject.organization}/{attribute}"


def _kept(world: World) -> set[str]:
    """The attributes that a directory keeps of anybody, as "organization/name"."""
    return {
        f"{subject.organization}/{attribute.partition('=')[0]}"
        for subject in world.users.values()
        for attribute in subject.attributes
    }


def _names_of_requestable(document: Document) -> Iterator[tuple[int, str, str]]:
    found = [each.requestable for each in document.networks.values()]
    found += [each.requestable for each in document.vdi.values()]
    for declared in (each for each in found if each is not None):
        yield from ((declared.line, "user", owner) for owner in declared.owners)
        yield from ((declared.line, *_parted(who)) for who in declared.who)


def _parted(who: str) -> tuple[str, str]:
    kind, _, name = who.partition(":")
    return kind, name


def _conflicts(document: Document, world: World) -> Iterator[Problem]:
    """Permits that would give somebody two VLANs, roles ... between which `prefer` does not choose."""
    found = unchosen(document, world)
    for each in found[:_MOST_CLASHES]:
        first, second = each.rules
        whom = _some(each.people)
        for name in each.names:
            one, other = getattr(first.gives, name), getattr(second.gives, name)
            yield Problem(
                max(first.line, second.line),
                f"rules {first.id!r} and {second.id!r} give {whom} the {_PLURALS[name]} {one} and {other}",
                f"list both in `prefer: {{{name}: [...]}}`, the one that wins first"
                if name in SINGLE_GIFTS
                else f"let both give one {name}",
            )
    if len(found) > _MOST_CLASHES:
        line = max(rule.line for rule in found[_MOST_CLASHES].rules)
        yield Problem(line, f"{len(found) - _MOST_CLASHES} more pairs of rules would do the same")


def _beyond(document: Document, world: World) -> Iterator[Problem]:
    """Permits that ask for less than a guardrail requires of some of the same people."""
    pairs = [*missing_requirements(document.rules)]
    people = _people_of(
        {rule.id: rule for permit, guardrail, _ in pairs for rule in (permit, guardrail)}.values(),
        document,
        world,
    )
    for permit, guardrail, lacking in pairs:
        both = sorted(people[permit.id] & people[guardrail.id])
        if both:
            yield Problem(
                permit.line,
                f"rule {permit.id!r} permits {_some(both)} more than the guardrail {guardrail.id!r} allows: "
                f"it lacks {lacking}",
                f"write what line {guardrail.line} requires, or less, under `when:`",
            )


def _between_zones(document: Document, world: World) -> Iterator[Problem]:
    """Permits that would have somebody's session in two zones at once."""
    found = find_clashes(document, world, _MOST_CLASHES)
    for clash in found.clashes:
        first, second = clash.rules
        both = (
            f"rule {first.id!r} would"
            if first is second
            else f"rules {first.id!r} and {second.id!r} would together"
        )
        yield Problem(
            max(first.line, second.line),
            f"{both} have a session of {_some(clash.people)} in the zones {clash.zones[0]} and "
            f"{clash.zones[1]} at once",
            "write conditions under `when:` that exclude each other, or declare an exception with `crosses:`",
        )
    if found.more:
        line = max(rule.line for rule in found.clashes[-1].rules)
        yield Problem(line, f"{found.more} more pairs of rules would do the same")


def _people_of(rules: Iterable[Rule], document: Document, world: World) -> dict[str, set[str]]:
    """Everybody each rule is about, by rule id."""
    by_key: dict[str, list[str]] = {}
    people: dict[str, set[str]] = {}
    for rule in rules:
        people[rule.id] = set()
        for who in rule.who:
            by_key.setdefault(fold(who), []).append(rule.id)
    for name, keys in everybody(document, world, by_key):
        for key in keys & by_key.keys():
            for rule_id in by_key[key]:
                people[rule_id].add(name)
    return people


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED_USERS
    return ", ".join(names[:_NAMED_USERS]) + (f" and {more} more" if more > 0 else "")

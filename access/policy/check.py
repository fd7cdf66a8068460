"""What is wrong with a document in this world: names no directory has, people who would get two VLANs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from access.policy.beside import opened
from access.policy.computed import terms_of
from access.policy.gift_check import Differing, unchosen
from access.policy.guardrails import missing_requirements
from access.policy.meant import everybody
from access.policy.reading import nearest
from access.policy.subjects import fold
from access.policy.vocabulary import SINGLE_GIFTS, Document, Problem, Rule, World, found, in_order
from access.policy.zone_check import find_clashes
from access.words.phrase import Phrase, say
from access.words.world_mistakes import PLURALS, Choice, Named, WorldMistake

_NAMED_USERS = 3
_MOST_CLASHES = 50
_NOT_THERE = {
    "group": WorldMistake.NO_GROUP,
    "attribute": WorldMistake.NO_ATTRIBUTE,
    "user": WorldMistake.NO_USER,
    "organization": WorldMistake.NO_ORGANIZATION,
}


def check(document: Document, world: World) -> list[Problem]:
    """Every problem the document has in this world, by line. Empty: it may be published."""
    return in_order(
        (
            *_unknown_names(document, world),
            *_conflicts(document, world),
            *_beyond(document, world),
            *_between_zones(document, world),
        )
    )


def _unknown_names(document: Document, world: World) -> Iterator[Problem]:
    for name, group in document.groups.items():
        if fold(name) in {fold(each) for each in world.groups}:
            yield found(group.line, WorldMistake.GROUP_TAKEN, name=name)
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
            hint = nearest(spoken, tuple(known[kind].values()))
            yield found(line, _NOT_THERE[kind], name=spoken, hint=hint)


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
    asked = [each.requestable for each in document.networks.values()]
    asked += [each.requestable for each in document.vdi.values()]
    for declared in (each for each in asked if each is not None):
        yield from ((declared.line, "user", owner) for owner in declared.owners)
        yield from ((declared.line, *_parted(who)) for who in declared.who)


def _parted(who: str) -> tuple[str, str]:
    kind, _, name = who.partition(":")
    return kind, name


def _conflicts(document: Document, world: World) -> Iterator[Problem]:
    """Permits that would give somebody two VLANs, roles ... between which `prefer` does not choose."""
    pairs = unchosen(document, world)
    for each in pairs[:_MOST_CLASHES]:
        for name in each.names:
            yield _conflict(each, name)
    if len(pairs) > _MOST_CLASHES:
        line = max(rule.line for rule in pairs[_MOST_CLASHES].rules)
        yield found(line, WorldMistake.MORE_PAIRS, count=len(pairs) - _MOST_CLASHES)


def _conflict(each: Differing, name: str) -> Problem:
    """Two permits that give one thing differently."""
    first, second = each.rules
    return found(
        max(first.line, second.line),
        WorldMistake.TWO_GIFTS,
        rule=first.id,
        other=second.id,
        whom=_some(each.people),
        gifts=PLURALS[name],
        one=getattr(first.gives, name),
        two=getattr(second.gives, name),
        hint=say(Choice.LIST_BOTH if name in SINGLE_GIFTS else Choice.GIVE_ONE, name=name),
    )


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
            yield found(
                permit.line,
                WorldMistake.BEYOND_GUARDRAIL,
                rule=permit.id,
                whom=_some(both),
                guardrail=guardrail.id,
                lacking=lacking,
                line=guardrail.line,
            )


def _between_zones(document: Document, world: World) -> Iterator[Problem]:
    """Permits that would have somebody's session in two zones at once."""
    yield from _clashing(document, world, WorldMistake.TWO_ZONES, (Named.ONE_RULE, Named.TWO_RULES))
    # Whom an opening admits has what openings permit and nothing else.
    openings = replace(document, rules=tuple(map(opened, document.openings.values())))
    named = Named.ONE_OPENING, Named.TWO_OPENINGS
    yield from _clashing(openings, world, WorldMistake.TWO_ZONES_OPENED, named)


def _clashing(
    document: Document, world: World, mistake: WorldMistake, named: tuple[Named, Named]
) -> Iterator[Problem]:
    """named: how one permit is called that does it alone, and how two are."""
    pairs = find_clashes(document, world, _MOST_CLASHES)
    for clash in pairs.clashes:
        first, second = clash.rules
        alone = say(named[0], rule=first.id)
        both = alone if first is second else say(named[1], rule=first.id, other=second.id)
        about = {"rules": both, "whom": _some(clash.people)}
        line = max(first.line, second.line)
        yield found(line, mistake, **about, one=clash.zones[0], two=clash.zones[1])
    if pairs.more:
        line = max(rule.line for rule in pairs.clashes[-1].rules)
        yield found(line, WorldMistake.MORE_PAIRS, count=pairs.more)


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


def _some(names: Sequence[str]) -> str | Phrase:
    more, told = len(names) - _NAMED_USERS, ", ".join(names[:_NAMED_USERS])
    return say(Named.AND_MORE, names=told, more=more) if more > 0 else told

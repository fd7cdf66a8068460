"""Whose a part of the document is: which rules speak for one organization, and what changes beyond it.

One document is for all companies, so that what they permit each other is one policy. Each company's own
administrators see and change the part of it that is theirs alone:

networks, vdi   whose `organization` is theirs
rules           that speak for their organization and for no other; a guardrail is the head office's, and so
                are an exception to the zones and, where it names an endpoint or a realm, whosever that is, a
                forbid of what is not their own and a permit of the portal
tests           about somebody of theirs and of nobody else's groups, networks and pools: whether a rule of
                another company permits something is not for them to find out by trying

All other sections are the head office's. A rule speaks for its `organization`, else for the owners of its
networks and pools, and one of logins for the organizations of whoever it is about. An endpoint or a realm is
of no organization there: such a rule needs an `organization:`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

from access.model import Bilingual, Effect
from access.policy.compiled import Policy
from access.policy.rules import organization_of
from access.policy.vocabulary import LOGIN_PORTAL, Document, Network, PolicyTest, Rule, Tier, VdiPool

Entry = Network | VdiPool | Rule | PolicyTest
# Nobody's in particular, so the head office's.
NOBODYS = ""
SECTIONS = ("networks", "vdi", "rules", "tests")
_KIND = {"networks": "network", "vdi": "vdi"}
# Where something lies, not what it says.
_UNCOMPARED = frozenset({"line", "revision"})


_CALLED = {
    "networks": Bilingual(ko="네트워크", en="network"),
    "vdi": Bilingual(ko="데스크톱 풀", en="pool"),
    "rules": Bilingual(ko="규칙", en="rule"),
    "tests": Bilingual(ko="테스트", en="test"),
    "section": Bilingual(ko="섹션", en="section"),
}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """An entry of the document: its section, and its name, id or key there."""

    section: str
    name: str

    def __str__(self) -> str:
        return self.to("en")

    def to(self, language: str) -> str:
        """Return what it is called in a language: "ko", or English."""
        return (
            f"{_CALLED[self.section].to(language) if self.section in _CALLED else self.section} {self.name!r}"
        )


def speakers_of(rule: Rule, owners: Mapping[str, str]) -> frozenset[str]:
    """Return the organizations that a rule speaks for; owners has those of networks and pools by object."""
    if rule.organization is not None:
        return frozenset({rule.organization})
    owned = {owners[object] for object in rule.objects if object in owners}
    if any(object not in owners for object in rule.objects):
        owned |= {organization_of(who) or NOBODYS for who in rule.who}
    return frozenset(owned)


def owners_of(document: Document) -> dict[str, str]:
    """Return the organization of each network and pool, by object."""
    owners = {f"network:{each.name}": each.organization for each in document.networks.values()}
    return owners | {f"vdi:{each.name}": each.organization for each in document.vdi.values()}


def are_own(rule_ids: Collection[str], policy: Policy | None, organization: str) -> bool:
    """Return whether all of some rules in force, also beside the document, are an organization's own.

    A rule that stands nowhere any more is nobody's own, and "" is no organization that has any.
    """
    if policy is None or not organization:
        return False
    own, others = set[str](), set[str]()
    for side in policy.sides:
        for rule in (*side.document.rules, *side.beside.rules.values()):
            if rule.id in rule_ids:
                (own if _is_own(rule, organization, side.owners) else others).add(rule.id)
    return own - others == set(rule_ids)


def owned_places(document: Document, organization: str) -> frozenset[Place]:
    """Return the entries of a document that are an organization's own."""
    return owned_among(entries_of(document), organization, owners_of(document))


def owned_among(
    entries: Mapping[Place, Entry], organization: str, owners: Mapping[str, str]
) -> frozenset[Place]:
    """Return those of some entries that are an organization's own. owners: of each network and pool."""
    return frozenset(place for place, entry in entries.items() if _is_own(entry, organization, owners))


def entries_of(document: Document) -> dict[Place, Entry]:
    """Return every entry of the sections that have owners."""
    found: dict[Place, Entry] = {}
    found |= {Place("networks", name): each for name, each in document.networks.items()}
    found |= {Place("vdi", name): each for name, each in document.vdi.items()}
    found |= {Place("rules", rule.id): rule for rule in document.rules}
    return found | {Place("tests", test.name): test for test in document.tests}


def changes_elsewhere(before: Document, after: Document, organization: str) -> list[Place]:
    """Return what is another in the two documents and not the organization's own in both.

    A section that has no owners is the Place of its name in "section".
    """
    own = owned_places(before, organization), owned_places(after, organization)
    old, new = entries_of(before), entries_of(after)
    foreign = (old.keys() - own[0]) | (new.keys() - own[1])
    beyond = [place for place in foreign if not _say_the_same(old.get(place), new.get(place))]
    return [*sorted(beyond), *(Place("section", name) for name in _other_sections(before, after))]


def withdraws(before: Document, after: Document, organization: str) -> bool:
    """Return whether what an organization permits people of others may no longer be all of it.

    Told by its own entries alone, never by what others have: so that the answer tells nothing of them.
    """
    own = owned_places(before, organization), owned_places(after, organization)
    old, new = entries_of(before), entries_of(after)
    gone = {place for place in own[0] if not _say_the_same(old[place], new.get(place))}
    come = (new[place] for place in own[1] if not _say_the_same(new[place], old.get(place)))
    objects = {f"{_KIND[place.section]}:{place.name}" for place in gone if place.section in _KIND}
    changed = {place.name for place in gone if place.section == "rules"}
    lost = _about_others((old[place] for place in own[0]), Effect.PERMIT, organization)
    return any(rule.id in changed or not objects.isdisjoint(rule.objects) for rule in lost) or any(
        _about_others(come, Effect.DENY, organization)
    )


def _about_others(entries: Iterable[Entry], effect: Effect, organization: str) -> Iterator[Rule]:
    """The rules of an effect that are about people of other organizations too, or of nobody's."""
    for entry in entries:
        if not isinstance(entry, Rule) or entry.effect is not effect:
            continue
        if any(organization_of(who) != organization for who in entry.who):
            yield entry


def _other_sections(before: Document, after: Document) -> Iterator[str]:
    for each in fields(Document):
        if each.name in (*SECTIONS, *_UNCOMPARED):
            continue
        if not _say_the_same(getattr(before, each.name), getattr(after, each.name)):
            yield each.name


def _is_own(entry: Entry, organization: str, owners: Mapping[str, str]) -> bool:
    if isinstance(entry, Rule):
        return speakers_of(entry, owners) == {organization} and not _reaches_beyond(
            entry, organization, owners
        )
    if isinstance(entry, PolicyTest):
        return _is_about(entry, organization) and not _tries_others(entry, organization, owners)
    return entry.organization == organization


def _is_about(test: PolicyTest, organization: str) -> bool:
    if test.user is not None:
        return test.user.rpartition("@")[2] == organization
    return test.subject is not None and test.subject.organization == organization


def _tries_others(test: PolicyTest, organization: str, owners: Mapping[str, str]) -> bool:
    """Whether a test passes or fails by what another company has written."""
    groups = test.subject.groups if test.subject is not None else ()
    named = {group.partition("/")[0] for group in groups}
    named |= {owners.get(object, organization) for object in (*test.accept, *test.deny)}
    host = test.facts.nas_organization
    named |= {host} if isinstance(host, str) else set()
    return not named <= {organization}


def _reaches_beyond(rule: Rule, organization: str, owners: Mapping[str, str]) -> bool:
    """A guardrail is not for whom it binds, nor an exception to the zones that the head office keeps apart.

    And where a rule names an endpoint or a realm, which are of any company: a forbid of what is not the
    organization's own stops others too, and a permit of the portal says for everybody who may use it.
    """
    of_anybody = any(organization_of(who) is None for who in rule.who)
    stops = rule.effect is Effect.DENY and any(owners.get(each) != organization for each in rule.objects)
    return (
        rule.tier is Tier.GUARDRAIL
        or bool(rule.crosses)
        or (of_anybody and (stops or LOGIN_PORTAL in rule.objects))
    )


def _say_the_same(one: Any, other: Any) -> bool:
    """Whether two values differ in nothing but the lines they stand on."""
    if one == other:
        return True
    if is_dataclass(one) and not isinstance(one, type) and type(one) is type(other):
        return all(_say_the_same(getattr(one, name), getattr(other, name)) for name in _said(type(one)))
    return bool(_bare(one) == _bare(other))


@cache
def _said(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass that say something."""
    return tuple(each.name for each in fields(kind) if each.name not in _UNCOMPARED)


def _bare(value: Any) -> Any:
    """Return a value in a form that compares without the lines it stands on."""
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, *(_bare(getattr(value, name)) for name in _said(type(value)))
    if isinstance(value, Mapping):
        return {key: _bare(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_bare(each) for each in value]
    return value

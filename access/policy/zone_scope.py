"""Who may change what is held to zones: what a new document changes beyond those of whoever publishes it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from access.model import Gives
from access.policy.subjects import fold
from access.policy.vocabulary import Document, Opening, PolicyTest, Rule
from access.policy.zoning import zoning
from access.words.phrase import Phrase, say
from access.words.text_mistakes import Thing

# What is of zones by what it is about; every other section is what everybody's rules stand on.
_ZONED = frozenset({"revision", "rules", "tests"})
_SHARED = tuple(each.name for each in fields(Document) if each.name not in _ZONED)


def beyond(old: Document | None, new: Document, zones: frozenset[str]) -> list[Phrase]:
    """Everything that is another in the new document and not of these zones alone, for people.

    A rule or a test is of the zones of its objects, and a rule of those that it crosses, too; what is about
    an object in no zone is of no zone. old: None where nothing is in force.
    """
    before = old or Document("")
    rules = _changed(
        {rule.id: replace(rule, line=0) for rule in before.rules},
        {rule.id: replace(rule, line=0) for rule in new.rules},
    )
    tests = _changed(
        {test.name: replace(test, line=0) for test in before.tests},
        {test.name: replace(test, line=0) for test in new.tests},
    )
    sides = (before, new)
    outside = [say(Thing.RULE, name=id) for id, pair in rules if not _inside(sides, pair, zones, _of_rule)]
    outside += [
        say(Thing.TEST, name=name) for name, pair in tests if not _inside(sides, pair, zones, _of_test)
    ]
    shared = (name for name in _SHARED if _section(before, name) != _section(new, name))
    return [*outside, *(say(Thing.SECTION, name=name) for name in shared)]


def zones_of_groups(document: Document, groups: Iterable[str]) -> frozenset[str]:
    """The zones, "" for none, of all that stands on any of these groups ("organization/name").

    That is what a rule, an opening or a permit to ask has them for, also by way of computed groups.
    """
    keys = {fold(f"group:{name}") for name in groups}
    # Each stands behind those that it is computed of.
    for group in document.groups.values():
        if not keys.isdisjoint(map(fold, group.terms)):
            keys.add(fold(f"group:{group.name}"))

    def stands(who: Iterable[str]) -> bool:
        return not keys.isdisjoint(map(fold, who))

    known = zoning(document).of_object
    found = [_of_rule(document, rule) for rule in document.rules if stands(rule.who)]
    found += [zones_of_opening(document, each) for each in document.openings.values() if stands(each.who)]
    owned = [(f"network:{each.name}", each.requestable) for each in document.networks.values()]
    owned += [(f"vdi:{each.name}", each.requestable) for each in document.vdi.values()]
    asked = {known.get(object, "") for object, each in owned if each is not None and stands(each.who)}
    return frozenset[str]().union(asked, *found)


def zones_of_opening(document: Document, opening: Opening) -> set[str]:
    """The zones, "" for none, of what an opening opens and of the VLANs it gives."""
    return _of_given(document, opening.objects, opening.gives)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for key in {**before, **after}:
        pair = before.get(key), after.get(key)
        if pair[0] != pair[1]:
            yield key, pair


def _inside(sides: tuple[Document, Document], pair: tuple[Any, Any], zones: frozenset[str], of: Any) -> bool:
    """Whether a thing is of these zones alone, as it was and as it shall be."""
    both = zip(sides, pair, strict=True)
    return all(of(document, thing) <= zones for document, thing in both if thing is not None)


def _of_rule(document: Document, rule: Rule) -> set[str]:
    return _of_given(document, rule.objects, rule.gives) | set(rule.crosses)


def _of_given(document: Document, objects: Iterable[str], gives: Gives) -> set[str]:
    known = zoning(document)
    vlans = {known.of_vlan.get(vlan, "") for vlan in (gives.vlan, gives.voice_vlan) if vlan}
    return {known.of_object.get(object, "") for object in objects} | vlans


def _of_test(document: Document, test: PolicyTest) -> set[str]:
    known = zoning(document).of_object
    return {known.get(object, "") for object in (*test.accept, *test.deny)}


def _section(document: Document, name: str) -> object:
    """A section without the lines on which things stand."""
    section = getattr(document, name)
    return {
        key: replace(value, line=0) if hasattr(value, "line") else value for key, value in section.items()
    }

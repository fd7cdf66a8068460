"""Everybody whom rules can be about, and who of them two rules have in common."""

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import combinations

from access.policy.computed import computation
from access.policy.subjects import at_most, fold, keys_of
from access.policy.vocabulary import Document, Rule, World

_WITHOUT_PEOPLE = ("endpoint:", "realm:")


def everybody(document: Document, world: World, keys: Iterable[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """The people of the directories, and what of keys is an endpoint or a realm, each with its keys."""
    computed = computation(document.groups)
    for name, subject in world.users.items():
        yield name, computed.keys(keys_of(at_most(subject)))
    for key in keys:
        if key.startswith(_WITHOUT_PEOPLE):
            yield key, frozenset({key})


def in_common(
    document: Document, world: World, rules: Collection[Rule], clash: Callable[[int, int], bool]
) -> dict[tuple[int, int], list[str]]:
    """Who is meant by both of two rules that clash, by the numbers of the two, the smaller one first.

    clash is asked once about each two that somebody has in common.
    """
    by_key: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        for key in map(fold, rule.who):
            by_key.setdefault(key, []).append(number)
    found: dict[tuple[int, int], list[str]] = {}
    known: dict[frozenset[int], list[tuple[int, int]]] = {}
    asked: dict[tuple[int, int], bool] = {}
    for name, keys in everybody(document, world, by_key):
        theirs = frozenset(number for key in keys & by_key.keys() for number in by_key[key])
        if theirs not in known:
            pairs = [*combinations(sorted(theirs), 2)]
            asked.update({pair: clash(*pair) for pair in pairs if pair not in asked})
            known[theirs] = [pair for pair in pairs if asked[pair]]
        for pair in known[theirs]:
            found.setdefault(pair, []).append(name)
    return found

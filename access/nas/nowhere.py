"""Places that a policy asks for and no NAS stands at: a misspelt rule speaks nowhere, a forbid too."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from access.nas.untold import Spot
from access.policy.compiled import Policy
from access.policy.parts import owners_of, speakers_of
from access.policy.vocabulary import Rule

SITE, NAS_GROUP = "site", "nas_group"


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A word of a condition site or nas_group that no NAS has. meant: the word nearly like it, or "".

    organization: the one whose rule it is, "" for the head office.
    """

    rule: str
    organization: str
    condition: str
    word: str
    meant: str


def nowhere(policy: Policy, spots: Iterable[Spot]) -> tuple[Nowhere, ...]:
    """Return every such word, in the order of the rules; none as long as there is no NAS at all."""
    known = tuple(spots)
    if not known:
        return ()
    names = {SITE: {each.site for each in known}, NAS_GROUP: {each.nas_group for each in known}}
    owners = owners_of(policy.document)
    return tuple(
        Nowhere(rule.id, _whose(speakers_of(rule, owners)), condition, word, _meant(word, names[condition]))
        for rule in policy.document.rules
        for condition, word in _asked(rule)
        if word not in names[condition]
    )


def _asked(rule: Rule) -> Iterator[tuple[str, str]]:
    for condition in rule.conditions:
        if condition.name in (SITE, NAS_GROUP):
            yield from ((condition.name, word) for word in sorted(condition.argument))


def _whose(speakers: frozenset[str]) -> str:
    return next(iter(speakers)) if len(speakers) == 1 else ""


def _meant(word: str, known: set[str]) -> str:
    by_folded = {each.casefold(): each for each in known if each}
    close = get_close_matches(word.casefold(), by_folded, n=1)
    return by_folded[close[0]] if close else ""

"""Permits that would give somebody two VLANs, roles ... and nothing chooses between: which two, and whom."""

from dataclasses import dataclass

from access.policy.gifts import differing
from access.policy.meant import in_common
from access.policy.parts import NOBODYS, speakers_of
from access.policy.vocabulary import AGREED_GIFTS, SINGLE_GIFTS, Document, Rule, World
from access.policy.zone_check import exclude


@dataclass(frozen=True, slots=True)
class Differing:
    """Two permits, what they give differently, and everybody who would have both."""

    rules: tuple[Rule, Rule]
    names: tuple[str, ...]
    people: tuple[str, ...]


def unchosen(document: Document, world: World) -> list[Differing]:
    """Every pair of permits that would give somebody what nothing chooses between, in the order written."""
    names = [name for name in (*SINGLE_GIFTS, *AGREED_GIFTS) if _is_open(document, name)]
    givers = [rule for rule in document.rules if any(getattr(rule.gives, name) for name in names)]
    found = in_common(
        document,
        world,
        givers,
        lambda one, other: _clash(document, givers[one], givers[other]),
    )
    pairs = (((givers[one], givers[other]), people) for (one, other), people in sorted(found.items()))
    return [
        Differing(
            pair, tuple(differing(pair[0].gives, pair[1].gives, document.prefer)), tuple(sorted(people))
        )
        for pair, people in pairs
    ]


def _is_open(document: Document, name: str) -> bool:
    """Whether any two permits could give what nothing chooses between."""
    given = {getattr(rule.gives, name) for rule in document.rules} - {None}
    return len(given) > 1 and not given <= set(document.prefer.get(name, ()))


def _clash(document: Document, one: Rule, other: Rule) -> bool:
    """Whether both can permit one request, and give what nothing chooses between."""
    return (
        not _speak_apart(one, other)
        and not set(one.objects).isdisjoint(other.objects)
        and bool(differing(one.gives, other.gives, document.prefer))
        and not exclude(one.conditions, other.conditions)
    )


def _speak_apart(one: Rule, other: Rule) -> bool:
    """Whether they are permits of different organizations: where a login leads is one's alone to say."""
    speakers = speakers_of(one, {}), speakers_of(other, {})
    return NOBODYS not in speakers[0] | speakers[1] and speakers[0].isdisjoint(speakers[1])

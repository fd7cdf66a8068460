"""What the policy in force stands on: groups and attributes that rules name, and groups with a role."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from access.model import Effect
from access.policy.computed import computation, terms_of
from access.policy.subjects import fold
from access.policy.vocabulary import Document

GROUP = "group:"
ATTRIBUTE = "attribute:"


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rules of a document ask of attributes of one organization, folded, as "department=sales".

    values: whatever is named anywhere; shutting: of those, what somebody is left out of a group by; asked:
    names of attributes without any value of which somebody is left out, too; forbidding: what a rule forbids
    something by.
    """

    values: frozenset[str] = frozenset()
    shutting: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    forbidding: frozenset[str] = frozenset()

    def lost(self, before: frozenset[str], after: frozenset[str]) -> frozenset[str]:
        """Return by what of the attributes before somebody loses something who has those after; both folded.

        Of an attribute by which somebody is left out it is all that they had. Where a forbid begins to speak
        it is empty: nobody waits for that.
        """
        gone, come = before - after, after - before
        if not come.isdisjoint(self.forbidding):
            return frozenset()
        out = {name_of(each) for each in come & self.shutting}
        out |= self.asked & (_names(before) - _names(after))
        return gone & self.values | frozenset(each for each in before if name_of(each) in out)


NO_GROUND = Ground()


def groups_of(organization: str, document: Document | None, roles: Iterable[str]) -> frozenset[str]:
    """Return the names, without the organization, of its groups that carry rights.

    roles: groups as "organization/group".
    """
    named = {who.removeprefix(GROUP) for who in _spoken_of(document)} if document else set()
    own = fold(f"{organization}/")
    folded = {fold(group) for group in (*named, *roles)}
    return frozenset(group.removeprefix(own) for group in folded if group.startswith(own))


def ground_of(organization: str, document: Document | None) -> Ground:
    """Return what the rules stand on of the attributes of an organization's people."""
    if document is None:
        return NO_GROUND
    own = fold(f"{ATTRIBUTE}{organization}/")

    def theirs(terms: Iterable[str]) -> frozenset[str]:
        return frozenset(term.removeprefix(own) for term in map(fold, terms) if term.startswith(own))

    left_out = computation(document.groups).asked
    return Ground(
        theirs(_spoken_of(document)),
        theirs(term for terms in left_out.values() for term in terms),
        theirs(left_out),
        theirs(_forbidden(document)),
    )


def name_of(value: str) -> str:
    """Return the name of the attribute that "department=sales" is of."""
    return value.partition("=")[0]


def _names(values: Iterable[str]) -> frozenset[str]:
    return frozenset(map(name_of, values))


def _spoken_of(document: Document) -> Iterator[str]:
    """Whom rules are about, and what groups are computed of."""
    yield from (who for rule in document.rules for who in rule.who)
    yield from (term for _, term in terms_of(document.groups))


def _forbidden(document: Document) -> set[str]:
    """What forbids speak about, and what the groups are computed of that they speak about."""
    by_key = {fold(f"{GROUP}{name}"): group for name, group in document.groups.items()}
    ahead = {fold(who) for rule in document.rules if rule.effect is Effect.DENY for who in rule.who}
    seen: set[str] = set()
    while ahead:
        seen |= ahead
        parts = (by_key[key] for key in ahead if key in by_key)
        ahead = {fold(term) for group in parts for term in (*group.any, *group.all)} - seen
    return seen

"""Which groups carry rights: those that a rule names, and those whose members have a role on the pages."""

from collections.abc import Iterable

from access.policy.computed import terms_of
from access.policy.subjects import fold
from access.policy.vocabulary import Document

GROUP = "group:"


def groups_of(organization: str, document: Document | None, roles: Iterable[str]) -> frozenset[str]:
    """Return the names, without the organization, of its groups that carry rights.

    roles: groups as "organization/group".
    """
    named = {who.removeprefix(GROUP) for who in _spoken_of(document)} if document else set()
    own = fold(f"{organization}/")
    folded = {fold(group) for group in (*named, *roles)}
    return frozenset(group.removeprefix(own) for group in folded if group.startswith(own))


def _spoken_of(document: Document) -> Iterable[str]:
    """Whom rules are about, and what groups are computed of."""
    yield from (who for rule in document.rules for who in rule.who)
    yield from (term for _, term in terms_of(document.groups))

"""Which organization a visitor of the console sees: their own, and no other. ◆"""

from flask import abort

from access.console.current import gate, visitor
from access.model import Organization, User


def own() -> Organization:
    """The visitor's organization."""
    key = visitor().user.organization
    found = next((one for one in gate().pages.organizations() if one.key == key), None)
    if found is None:
        abort(403)
    return found


def person_or_404(user_id: int) -> User:
    """A person of the visitor's organization; one of another is not there, like one who never was."""
    found = gate().pages.person(own().id, user_id)
    if found is None:
        abort(404)
    return found


def keeps_policy() -> bool:
    """Whether the visitor's organization keeps the policy: the first one that was set up, the head office.

    The document is one for all organizations, so whoever reads it reads about all of them.
    """
    return own().id == min(one.id for one in gate().pages.organizations())

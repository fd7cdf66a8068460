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


def of_head_office() -> bool:
    """Whether the visitor is of the head office: the organization that is set, or was set up first.

    It keeps what is one for the whole installation (the policy document, the check of all audit chains, the
    counters of the RADIUS workers), because whoever reads that reads about every organization.
    """
    return is_head_office(own().key)


def is_head_office(key: str) -> bool:
    """Whether an organization is it."""
    named = gate().face.head_office
    return key == (named or min(gate().pages.organizations(), key=lambda one: one.id).key)

"""Whom a name on the command line means. ◆"""

from difflib import get_close_matches

from access.errors import Refused
from access.model import Organization, User
from access.people.naming import resolve_login
from access.store import organizations, people
from access.store.database import Connection

# Enough letters to find a misspelt name by, few enough to be spelt right.
LETTERS = 3
MOST_CANDIDATES = 500


class NobodyMeant(Refused):
    """Nobody has the name that was given; the message names who has a similar one."""


def person(conn: Connection, text: str) -> User:
    """Return whom name@organization or name@realm means. Raises NobodyMeant.

    The organization may be left out if there is only one.
    """
    known = organizations.all_organizations(conn)
    only = known[0] if len(known) == 1 else None
    meant = resolve_login(known, text, only)
    if meant is None:
        raise NobodyMeant(_unknown_company(text, known))
    user = people.user_by_name(conn, meant.organization.id, meant.name)
    if user is None:
        raise NobodyMeant(_unknown_name(conn, meant.name, meant.organization))
    return user


def shown(user: User) -> str:
    """Return the name as it can be given to a command, and who that is."""
    name = f"{user.name}@{user.organization}"
    return f"{name} ({user.display_name})" if user.display_name else name


def _unknown_company(text: str, companies: list[Organization]) -> str:
    known = ", ".join(organization.key for organization in companies)
    return (
        f"{text!r} names nobody: write NAME@ORGANIZATION, with one of these organizations: {known or 'none'}."
    )


def _unknown_name(conn: Connection, name: str, organization: Organization) -> str:
    parts = {name[:LETTERS], name[-LETTERS:], *(part for part in name.split(".") if part)}
    found = (user for part in parts for user in people.search_users(conn, part, MOST_CANDIDATES))
    candidates = {user.name: user for user in found if user.organization == organization.key}
    close = get_close_matches(name, candidates, n=3, cutoff=0.6)
    advice = (
        "Did you mean " + " or ".join(shown(candidates[match]) for match in close) + "?"
        if close
        else "If the person is new, see whether the directory is read: officegate directory show."
    )
    return f"Nobody in {organization.name} is named {name}. {advice}"

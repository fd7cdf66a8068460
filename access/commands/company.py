"""Which organization a name on the command line means. ◆"""

from access.errors import Refused
from access.model import Organization
from access.people.naming import organization_by_realm_or_key
from access.store import organizations
from access.store.database import Connection


def company(conn: Connection, text: str) -> Organization:
    """Return the organization of this key or realm. Raises Refused, naming those there are."""
    known = organizations.all_organizations(conn)
    meant = organization_by_realm_or_key(known, text)
    if meant is not None:
        return meant
    names = ", ".join(organization.key for organization in known) or "none: run `officegate migrate`"
    raise Refused(f"There is no organization {text}. Known: {names}.")

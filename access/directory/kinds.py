"""What kind of directory a server is, and what follows where the settings leave it open. ◆"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import ldap3

from access.directory.connection import bind, close, connect_to_one
from access.directory.search import read_root
from access.directory.settings import DirectorySettings, Kind

ACTIVE_DIRECTORY_CAPABILITY = b"1.2.840.113556.1.4.800"  # MS-ADTS section 3.1.1.3.4.3.1


@dataclass(frozen=True, slots=True)
class Usual:
    """What people, groups and names are in a directory that nobody has arranged otherwise."""

    user_filter: str
    group_filter: str
    name_attribute: str


USUAL = {
    Kind.OPENLDAP: Usual("(objectClass=inetOrgPerson)", "(objectClass=groupOfNames)", "uid"),
    # The category leaves computers out, which are users too.
    Kind.ACTIVE_DIRECTORY: Usual(
        "(&(objectCategory=person)(objectClass=user))", "(objectCategory=group)", "sAMAccountName"
    ),
}


@contextmanager
def spoken(settings: DirectorySettings) -> Iterator[tuple[ldap3.Connection, DirectorySettings]]:
    """A connection bound as the service account, and the settings with nothing left open.

    url is that of the server that answered, kind what it is. Closed at the end.
    """
    connection, settings = connect_to_one(settings)
    try:
        bind(connection, settings)
        yield connection, decided(settings, kind_of(connection, settings))
    finally:
        close(connection)


def kind_of(connection: ldap3.Connection, settings: DirectorySettings) -> Kind:
    """Return the kind that is set, or what the server says of itself."""
    if settings.kind is not Kind.AUTO:
        return settings.kind
    told = read_root(connection, settings, "supportedCapabilities").get("supportedcapabilities", ())
    return Kind.ACTIVE_DIRECTORY if ACTIVE_DIRECTORY_CAPABILITY in told else Kind.OPENLDAP


def decided(settings: DirectorySettings, kind: Kind) -> DirectorySettings:
    """Return the settings of a directory of this kind; what is set stays."""
    usual = USUAL[kind]
    return replace(
        settings,
        kind=kind,
        user_filter=settings.user_filter or usual.user_filter,
        group_filter=settings.group_filter or usual.group_filter,
        name_attribute=settings.name_attribute or usual.name_attribute,
    )

"""Complete, paged reads of a directory. ◆

A read either shows everything or raises: what a broken read did not mention must never count as gone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ldap3

from access.directory import active_directory, ranges
from access.directory.connection import SUCCESS, translated
from access.directory.entries import GROUP_ATTRIBUTES, RawEntry, Update, identity, person_attributes
from access.directory.errors import DirectoryMisconfigured, DirectoryUnavailable
from access.directory.pages import Page, ask_page, paging
from access.directory.reading import complete
from access.directory.settings import DirectorySettings, Kind

PAGE_ENTRIES = 1000  # Active Directory's MaxPageSize
RESTARTS = 2
ROOT_DSE = ""

# RFC 4511 appendix A.2: refusals of a search that only a change of settings mends.
SEARCH_REFUSALS = {
    4: "shows our account only part of its entries (size limit): raise the limit of that account",
    10: "says that this base lives on another server: set url to that server",
    11: "has an administrative limit for our account: raise it",
    32: "has no entry with this base: correct user_base or group_base",
    34: "finds that this base is no distinguished name: correct user_base or group_base",
    50: "does not let our account read here: give it the right to",
}

# Of these without pages, more than with them: size and administrative limits.
TOO_MANY_AT_ONCE = (4, 11)
# With GUIDs written in hyphens (MS-ADTS section 3.1.1.3.4.1.5).
EXTENDED_DN = ("1.2.840.113556.1.4.529", True, bytes.fromhex("3003020101"))
Controls = tuple[tuple[str, bool, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """One search below base. identified: an entry that shows no identity is an error, otherwise left out."""

    base: str
    search_filter: str
    attributes: tuple[str, ...]
    controls: Controls = ()
    identified: bool = True


class CookieExpired(DirectoryUnavailable):
    """The server has forgotten a paged search half way: it starts again."""


def read_all(connection: ldap3.Connection, settings: DirectorySettings) -> tuple[Update, list[RawEntry]]:
    """Return everyone and every group, with the entries they were made from."""
    attributes = person_attributes(settings.name_attribute, settings.stable_attribute, settings.attributes)
    people = search(connection, settings, settings.user_base, settings.user_filter, attributes)
    groups = search(connection, settings, settings.group_base, settings.group_filter, GROUP_ATTRIBUTES)
    return complete(people, groups, settings), people + groups


def search(
    connection: ldap3.Connection,
    settings: DirectorySettings,
    base: str,
    search_filter: str,
    attributes: Iterable[str],
) -> list[RawEntry]:
    """Return every entry below base that matches. Raises DirectoryUnavailable and DirectoryMisconfigured."""
    return ask(connection, settings, Query(base, search_filter, tuple(attributes)))


def ask(connection: ldap3.Connection, settings: DirectorySettings, query: Query) -> list[RawEntry]:
    """Return every entry of a query, with all values. Raises as search() does."""
    for attempt in range(RESTARTS + 1):
        try:
            found = [raw for page in pages(connection, settings, query) for raw in page]
            in_parts = settings.kind is Kind.ACTIVE_DIRECTORY
            return [_whole(connection, settings, raw) for raw in found] if in_parts else found
        except CookieExpired:
            if attempt == RESTARTS:
                raise
    raise AssertionError("unreachable")


def pages(
    connection: ldap3.Connection, settings: DirectorySettings, query: Query
) -> Iterator[list[RawEntry]]:
    """Yield the entries of a query page by page, each asked for when it is wanted.

    Raises CookieExpired where the server cannot go on: OpenLDAP remembers one paged search of a connection,
    and another one between two pages makes it forget. at_once() does not.
    """
    cookie = b""
    while True:
        page = _ask(connection, settings, query, (paging(PAGE_ENTRIES, cookie),))
        _check(page, settings, query.base, go_on=bool(cookie))
        yield _raw_entries(page, settings, query)
        cookie = _next_cookie(page)
        if not cookie:
            return


def at_once(connection: ldap3.Connection, settings: DirectorySettings, query: Query) -> list[RawEntry] | None:
    """Return every entry of a query in one answer; None where they are more than the server shows at once."""
    page = _ask(connection, settings, query, ())
    if page.code in TOO_MANY_AT_ONCE:
        return None
    _check(page, settings, query.base, go_on=False)
    return _raw_entries(page, settings, query)


def offers(connection: ldap3.Connection, settings: DirectorySettings, control: str) -> bool:
    """Return whether the server lists a control in its root DSE (RFC 4512 section 5.1)."""
    listed = read_root(connection, settings, "supportedControl").get("supportedcontrol", ())
    return control.encode() in listed


def read_root(
    connection: ldap3.Connection, settings: DirectorySettings, *attributes: str
) -> dict[str, tuple[bytes, ...]]:
    """Return what the server says of itself (RFC 4512 section 5.1)."""
    return read_one(connection, settings, ROOT_DSE, *attributes) or {}


def read_one(
    connection: ldap3.Connection, settings: DirectorySettings, dn: str, *attributes: str
) -> dict[str, tuple[bytes, ...]] | None:
    """Return one entry's attributes, names in lower case; None where there is none that we may see."""
    with translated(settings):
        connection.search(
            dn,
            "(objectClass=*)",
            ldap3.BASE,
            attributes=list(attributes),
            controls=_own_controls(settings) or None,
        )
    return next(map(_attributes, _entries(connection)), None)


def _ask(connection: ldap3.Connection, settings: DirectorySettings, query: Query, controls: Controls) -> Page:
    what = (query.base, query.search_filter, query.attributes)
    return ask_page(connection, settings, what, (*query.controls, *_own_controls(settings), *controls))


def _raw_entries(page: Page, settings: DirectorySettings, query: Query) -> list[RawEntry]:
    made = (_raw_entry(dn, attributes, settings, query.identified) for dn, attributes in page.found)
    return [entry for entry in made if entry is not None]


def _own_controls(settings: DirectorySettings) -> list[tuple[str, bool, bytes | None]]:
    # A member that is renamed is the same one.
    return [EXTENDED_DN] if settings.kind is Kind.ACTIVE_DIRECTORY else []


def _check(page: Page, settings: DirectorySettings, base: str, go_on: bool) -> None:
    if page.code == SUCCESS:
        return
    if page.code in SEARCH_REFUSALS:
        raise DirectoryMisconfigured(f"{settings.url} {SEARCH_REFUSALS[page.code]} (base {base!r})")
    if go_on:
        raise CookieExpired(f"{settings.url} broke off a paged search: {page.description}")
    raise DirectoryUnavailable(f"{settings.url} refused a search below {base!r}: {page.description}")


def _next_cookie(page: Page) -> bytes:
    return page.cookie


def _entries(connection: ldap3.Connection) -> Iterator[Mapping[str, Any]]:
    """Yield the entries of a response. References to other servers are not among them, and never followed."""
    for raw in connection.response or ():
        if raw["type"] == "searchResEntry":
            yield raw


def _attributes(raw: Mapping[str, Any]) -> dict[str, tuple[bytes, ...]]:
    return {name.lower(): tuple(values) for name, values in raw["raw_attributes"].items() if values}


def _whole(connection: ldap3.Connection, settings: DirectorySettings, raw: RawEntry) -> RawEntry:
    """Return the entry with all values of an attribute of which the server shows a part at a time."""
    if not any(";" in name for name in raw.attributes):
        return raw
    attributes, wanted = ranges.merged({}, raw.attributes)
    while wanted:
        more = read_one(connection, settings, raw.dn, *wanted)
        if more is None:
            raise CookieExpired(f"{settings.url}: {raw.dn!r} went away while it was read")
        attributes, wanted = ranges.merged(attributes, more)
    return RawEntry(raw.uuid, raw.dn, attributes)


def _raw_entry(
    dn: str, found: dict[str, tuple[bytes, ...]], settings: DirectorySettings, identified: bool
) -> RawEntry | None:
    attributes = {name: values for name, values in found.items() if values}
    uuid = identity(attributes)
    if uuid is None and not identified:
        return None
    if uuid is None:
        raise DirectoryMisconfigured(
            f"{settings.url} shows neither entryUUID nor objectGUID of {dn!r}: let our account read it"
        )
    return RawEntry(uuid, active_directory.plain(dn), attributes)

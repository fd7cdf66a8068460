"""Complete, paged reads of a directory. ◆

A read either shows everything or raises: what a broken read did not mention must never count as gone.
"""

from collections.abc import Iterable, Iterator

import ldap3

from access.directory.connection import SUCCESS, translated
from access.directory.entries import GROUP_ATTRIBUTES, RawEntry, Update, identity, person_attributes
from access.directory.errors import DirectoryMisconfigured, DirectoryUnavailable
from access.directory.reading import complete
from access.directory.settings import DirectorySettings

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


class CookieExpired(DirectoryUnavailable):
    """The server has forgotten a paged search half way: it starts again."""


def read_all(connection: ldap3.Connection, settings: DirectorySettings) -> tuple[Update, list[RawEntry]]:
    """Return everyone and every group, with the entries they were made from."""
    attributes = person_attributes(settings.name_attribute)
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
    wanted = tuple(attributes)
    for attempt in range(RESTARTS + 1):
        try:
            return list(_pages(connection, settings, (base, search_filter, wanted)))
        except CookieExpired:
            if attempt == RESTARTS:
                raise
    raise AssertionError("unreachable")


def offers(connection: ldap3.Connection, settings: DirectorySettings, control: str) -> bool:
    """Return whether the server lists a control in its root DSE (RFC 4512 section 5.1)."""
    with translated(settings):
        connection.search(ROOT_DSE, "(objectClass=*)", ldap3.BASE, attributes=["supportedControl"])
    for raw in connection.response or ():
        listed = raw.get("raw_attributes", {}).get("supportedControl", [])
        return control.encode() in listed
    return False


def _pages(
    connection: ldap3.Connection, settings: DirectorySettings, what: tuple[str, str, tuple[str, ...]]
) -> Iterator[RawEntry]:
    base, search_filter, attributes = what
    cookie: bytes | None = None
    while True:
        with translated(settings):
            connection.search(
                base,
                search_filter,
                ldap3.SUBTREE,
                dereference_aliases=ldap3.DEREF_NEVER,
                attributes=list(attributes),
                paged_size=PAGE_ENTRIES,
                paged_cookie=cookie,
            )
        _check(connection, settings, base, paging=cookie is not None)
        for raw in connection.response or ():
            if raw["type"] == "searchResEntry":
                yield _raw_entry(raw, settings)
        cookie = _next_cookie(connection.result)
        if not cookie:
            return


def _check(connection: ldap3.Connection, settings: DirectorySettings, base: str, paging: bool) -> None:
    result = connection.result
    code = result["result"]
    if code == SUCCESS:
        return
    if code in SEARCH_REFUSALS:
        raise DirectoryMisconfigured(f"{settings.url} {SEARCH_REFUSALS[code]} (base {base!r})")
    if paging:
        raise CookieExpired(f"{settings.url} broke off a paged search: {result['description']}")
    raise DirectoryUnavailable(f"{settings.url} refused a search below {base!r}: {result['description']}")


def _next_cookie(result: dict[str, object]) -> bytes | None:
    controls = result.get("controls") or {}
    assert isinstance(controls, dict)
    paged = controls.get("1.2.840.113556.1.4.319")
    return paged["value"]["cookie"] if paged else None


def _raw_entry(raw: dict[str, object], settings: DirectorySettings) -> RawEntry:
    found = raw["raw_attributes"]
    assert hasattr(found, "items")
    attributes = {name.lower(): tuple(values) for name, values in found.items() if values}
    uuid = identity(attributes)
    if uuid is None:
        raise DirectoryMisconfigured(
            f"{settings.url} shows neither entryUUID nor objectGUID of {raw['dn']!r}: let our account read it"
        )
    return RawEntry(uuid, str(raw["dn"]), attributes)

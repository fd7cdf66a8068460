"""Tries a directory step by step, so that an operator sees which step fails and what to change. ◆"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import ldap3

from access.directory import usn
from access.directory.connection import bind, close, connect_to_one, opened
from access.directory.entries import (
    GROUP_ATTRIBUTES,
    Person,
    RawEntry,
    Skipped,
    group,
    person,
    person_attributes,
)
from access.directory.errors import DirectoryError, NoTls, Untrusted
from access.directory.kinds import decided, kind_of
from access.directory.search import ask, offers, search
from access.directory.settings import DirectorySettings, Kind, Sync, Tls
from access.directory.syncrepl_codec import SYNC_REQUEST

EXAMPLES = 3


class Mark(StrEnum):
    """What came of a step. NOTE: it works, and something would be better otherwise."""

    OK = "ok"
    NOTE = "note"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried. text says what was found, or what to change."""

    name: str
    mark: Mark
    text: str


Found = Iterator[tuple[Mark, str]]


def try_steps(settings: DirectorySettings) -> Iterator[Step]:
    """Yield each step as it is done; of one server the first that fails is the last."""
    connection: ldap3.Connection | None = None
    name = "connect"
    try:
        connection, found = connect_to_one(replace(settings, fallback_urls=()))
        yield Step(name, Mark.OK, f"{found.url} answers")
        yield Step("tls", *_protection(found))
        for name, tried in STEPS.items():
            if name == "people":
                found = decided(found, kind_of(connection, found))
            for mark, text in tried(connection, found):
                yield Step(name, mark, text)
    except DirectoryError as error:
        yield Step("tls" if isinstance(error, (Untrusted, NoTls)) else name, Mark.FAIL, str(error))
    finally:
        if connection is not None:
            close(connection)
    for url in settings.fallback_urls:
        yield _fallback(replace(settings, url=url, fallback_urls=()))


def _protection(settings: DirectorySettings) -> tuple[Mark, str]:
    if settings.tls is Tls.NONE:
        return Mark.NOTE, "NOT protected: passwords are sent in clear"
    return Mark.OK, f"protected by {settings.tls}, checked against {settings.ca_file or 'the system'}"


def _kept(names: Iterable[str], people: Iterable[Person]) -> Found:
    """Say of how many each attribute for rules is known."""
    lines = [line for each in people for line in each.attributes.split("\n")]
    for name in names:
        many = sum(line.startswith(f"{name.lower()}=") for line in lines)
        yield Mark.OK if many else Mark.NOTE, f"attribute {name}: {many:,} values"


def _fallback(settings: DirectorySettings) -> Step:
    try:
        with opened(settings):
            return Step("fallback", Mark.OK, f"{settings.url} lets us in too")
    except DirectoryError as error:
        return Step("fallback", Mark.FAIL, str(error))


def _bind(connection: ldap3.Connection, settings: DirectorySettings) -> Found:
    bind(connection, settings)
    yield Mark.OK, settings.bind_dn or "anonymous"


def _kind(connection: ldap3.Connection, settings: DirectorySettings) -> Found:
    told = " (as set)" if settings.kind is not Kind.AUTO else ""
    if kind_of(connection, settings) is not Kind.ACTIVE_DIRECTORY:
        yield Mark.OK, f"OpenLDAP or its like{told}"
        return
    here = usn.controller(connection, settings)
    yield Mark.OK, f"Active Directory{told}: {here.name} of {here.domain}"


def _people(connection: ldap3.Connection, settings: DirectorySettings) -> Found:
    attributes = person_attributes(settings.name_attribute, "", settings.attributes)
    raws = search(connection, settings, settings.user_base, settings.user_filter, attributes)
    made = [person(raw, settings.name_attribute, "", settings.attributes) for raw in raws]
    usable = [each for each in made if isinstance(each, Person)]
    counted = f"{len(raws):,} below {settings.user_base} with {settings.user_filter}, {len(usable):,} usable"
    if usable:
        yield Mark.OK, counted
        first = usable[0]
        yield Mark.OK, f"for example {first.name} ({first.display_name}), {first.dn}"
        yield from _kept(settings.attributes, usable)
    else:
        yield Mark.NOTE, f"{counted}: correct user_base, user_filter or name_attribute"
    for skipped in [each for each in made if isinstance(each, Skipped)][:EXAMPLES]:
        yield Mark.NOTE, f"skipped: {skipped.dn}: {skipped.why}"


def _groups(connection: ldap3.Connection, settings: DirectorySettings) -> Found:
    raws = search(connection, settings, settings.group_base, settings.group_filter, GROUP_ATTRIBUTES)
    empty = sum(map(_is_empty, raws))
    found = f"{len(raws):,} below {settings.group_base} with {settings.group_filter}, {empty:,} of them empty"
    if raws:
        yield Mark.OK, found
    else:
        yield Mark.NOTE, f"{found}: correct group_base or group_filter"
    made = map(group, raws)
    for skipped in [each for each in made if isinstance(each, Skipped)][:EXAMPLES]:
        yield Mark.NOTE, f"skipped: {skipped.dn}: {skipped.why}"


def _is_empty(raw: RawEntry) -> bool:
    return not raw.attributes.get("member") and not raw.attributes.get("uniquemember")


def _changes(connection: ldap3.Connection, settings: DirectorySettings) -> Found:
    if settings.kind is Kind.ACTIVE_DIRECTORY:
        yield from _changes_of_active_directory(connection, settings)
    elif settings.sync is Sync.POLL or not offers(connection, settings, SYNC_REQUEST):
        yield Mark.OK, "polled every second"
    else:
        yield Mark.OK, "told by syncrepl, within milliseconds"


def _changes_of_active_directory(connection: ldap3.Connection, settings: DirectorySettings) -> Found:
    here = usn.controller(connection, settings)
    yield Mark.OK, f"polled every second by uSNChanged, now {here.newest}"
    if here.invocation is None:
        yield (
            Mark.NOTE,
            "the invocationId of this domain controller is not shown to our account: whenever the connection"
            " is lost, everything is read again; let the account read CN=NTDS Settings of the controller",
        )
    shown = ask(connection, settings, usn.deleted(here))
    if shown:
        yield Mark.OK, f"{len(shown):,} deleted objects are shown: deletions are noticed within a second"
        return
    yield (
        Mark.NOTE,
        "no deleted object is shown to our account: deletions are noticed within a minute. Within a second,"
        " where it may list CN=Deleted Objects (docs/connecting-active-directory.md)",
    )


STEPS: dict[str, Callable[[ldap3.Connection, DirectorySettings], Found]] = {
    "bind": _bind,
    "kind": _kind,
    "people": _people,
    "groups": _groups,
    "changes": _changes,
}

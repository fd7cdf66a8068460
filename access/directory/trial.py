"""Tries a directory step by step, so that an operator sees which step fails and what to change. ◆"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import ldap3

from access.directory.connection import bind, close, connect
from access.directory.entries import GROUP_ATTRIBUTES, Person, RawEntry, person, person_attributes
from access.directory.errors import DirectoryError
from access.directory.search import offers, search
from access.directory.settings import DirectorySettings, Sync, Tls
from access.directory.syncrepl_codec import SYNC_REQUEST


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried. text says what was found, or what to change."""

    name: str
    worked: bool
    text: str


def try_steps(settings: DirectorySettings) -> Iterator[Step]:
    """Yield each step as it is done; the first that fails is the last."""
    connection: ldap3.Connection | None = None
    name = "connect"
    try:
        connection = connect(settings)
        yield Step(
            name, True, "NOT protected" if settings.tls is Tls.NONE else f"protected by {settings.tls}"
        )
        for name, found in STEPS.items():
            for text in found(connection, settings):
                yield Step(name, True, text)
    except DirectoryError as error:
        yield Step(name, False, str(error))
    finally:
        if connection is not None:
            close(connection)


def _bind(connection: ldap3.Connection, settings: DirectorySettings) -> Iterator[str]:
    bind(connection, settings)
    yield settings.bind_dn or "anonymous"


def _people(connection: ldap3.Connection, settings: DirectorySettings) -> Iterator[str]:
    attributes = person_attributes(settings.name_attribute)
    raws = search(connection, settings, settings.user_base, settings.user_filter, attributes)
    made = [person(raw, settings.name_attribute) for raw in raws]
    usable = [each for each in made if isinstance(each, Person)]
    yield f"{len(raws):,} below {settings.user_base}, {len(usable):,} usable"
    if usable:
        yield f"for example {usable[0].name} ({usable[0].display_name}), {usable[0].dn}"


def _groups(connection: ldap3.Connection, settings: DirectorySettings) -> Iterator[str]:
    raws = search(connection, settings, settings.group_base, settings.group_filter, GROUP_ATTRIBUTES)
    yield f"{len(raws):,} below {settings.group_base}, {sum(map(_is_empty, raws)):,} of them empty"


def _is_empty(raw: RawEntry) -> bool:
    return not raw.attributes.get("member") and not raw.attributes.get("uniquemember")


def _changes(connection: ldap3.Connection, settings: DirectorySettings) -> Iterator[str]:
    polled = settings.sync is Sync.POLL or not offers(connection, settings, SYNC_REQUEST)
    yield "polled every second" if polled else "told by syncrepl, within milliseconds"


STEPS: dict[str, Callable[[ldap3.Connection, DirectorySettings], Iterator[str]]] = {
    "bind": _bind,
    "people": _people,
    "groups": _groups,
    "changes": _changes,
}

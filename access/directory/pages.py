"""One page of a paged search (RFC 2696): ldap3 writes the question, the answer is read here. ◆

ldap3 takes 130 µs of processor time for an entry, which is most of what polling a large directory costs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import ldap3
from ldap3.core.results import RESULT_CODES
from ldap3.operation.search import search_operation

from access.directory import ber
from access.directory.connection import translated
from access.directory.entry_codec import decode_entry
from access.directory.errors import BadMessage, DirectoryUnavailable
from access.directory.settings import DirectorySettings
from access.directory.syncrepl_codec import (
    EXTENDED,
    SEARCH_DONE,
    SEARCH_ENTRY,
    SEARCH_REFERENCE,
    read_message,
    read_result,
    unwrap,
)

PAGED_RESULTS = "1.2.840.113556.1.4.319"
RECEIVE_BYTES = 256 * 1024
Control = tuple[str, bool, bytes | None]
Found = tuple[str, dict[str, tuple[bytes, ...]]]


@dataclass(frozen=True, slots=True)
class Page:
    """DN and attributes of each entry, the result, the cookie to go on by: b"" at the end."""

    found: Sequence[Found]
    code: int
    cookie: bytes

    @property
    def description(self) -> str:
        """The name of the result."""
        return str(RESULT_CODES.get(self.code, self.code))


def ask_page(
    connection: ldap3.Connection,
    settings: DirectorySettings,
    what: tuple[str, str, Sequence[str]],
    controls: Sequence[Control],
) -> Page:
    """Return what a search (base, filter, attributes) of the whole subtree finds. Raises DirectoryError.

    References to other servers are passed over, never followed.
    """
    base, search_filter, attributes = what
    with translated(settings):
        request = search_operation(
            base, search_filter, ldap3.SUBTREE, ldap3.DEREF_NEVER, list(attributes), 0, 0, False, None, None
        )
        message_id = int(connection.send("searchRequest", request, list(controls)))
        # What is read here ldap3 will not see, and need not remember that it asked.
        connection.strategy._outstanding.pop(message_id, None)
    found: list[Found] = []
    for tag, operation, listed in _answers(connection, settings, message_id):
        if tag == SEARCH_ENTRY:
            found.append(decode_entry(operation))
        elif tag == SEARCH_DONE:
            return Page(found, read_result(operation)[0], _cookie(listed))
        elif tag != SEARCH_REFERENCE:
            raise BadMessage(f"{settings.url} answers a search with tag {tag:#04x}")
    raise AssertionError("unreachable")


def paging(size: int, cookie: bytes) -> Control:
    """Return the control that asks for so many entries, behind those that a cookie stands for."""
    octets = size.to_bytes(size.bit_length() // 8 + 1, "big")
    content = ber.encode(ber.INTEGER, octets) + ber.encode(ber.OCTET_STRING, cookie)
    return PAGED_RESULTS, True, ber.encode(ber.SEQUENCE, content)


def _answers(
    connection: ldap3.Connection, settings: DirectorySettings, message_id: int
) -> Iterator[tuple[int, bytes, Mapping[bytes, bytes]]]:
    """Yield tag, content and controls of every message that answers. Whoever has enough stops."""
    received = bytearray()
    while True:
        while (message := read_message(received)) is None:
            with translated(settings):
                octets = connection.socket.recv(RECEIVE_BYTES)
            if not octets:
                raise DirectoryUnavailable(f"{settings.url} closed the connection")
            received += octets
        answered, tag, operation, controls = unwrap(message)
        if answered == 0 and tag == EXTENDED:
            raise DirectoryUnavailable(
                f"{settings.url} is closing the connection: {read_result(operation)[1]}"
            )
        if answered != message_id:
            raise BadMessage(f"{settings.url} answers a question that nobody asked")
        yield tag, operation, controls


def _cookie(controls: Mapping[bytes, bytes]) -> bytes:
    value = controls.get(PAGED_RESULTS.encode())
    if value is None:
        return b""
    content = ber.Reader(value).inside(ber.SEQUENCE)
    content.number()
    return content.octet_string()

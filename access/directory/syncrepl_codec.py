"""Content synchronization on the wire (RFC 4533): the request control, and the messages that answer it.

read_message cuts one LDAPMessage off the octets received so far; decode_message turns it into one of the
values below. Whatever the server sends that the two RFCs forbid raises BadMessage.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from access.directory import ber
from access.directory.ber import Reader
from access.directory.entry_codec import decode_entry, text
from access.directory.errors import BadMessage

SYNC_REQUEST = "1.3.6.1.4.1.4203.1.9.1.1"
SYNC_STATE = b"1.3.6.1.4.1.4203.1.9.1.2"
SYNC_DONE = b"1.3.6.1.4.1.4203.1.9.1.3"
SYNC_INFO = b"1.3.6.1.4.1.4203.1.9.1.4"

SEARCH_ENTRY, SEARCH_DONE, SEARCH_REFERENCE, EXTENDED, INTERMEDIATE = 0x64, 0x65, 0x73, 0x78, 0x79
CONTROLS = 0xA0
NEW_COOKIE, REFRESH_DELETE, REFRESH_PRESENT, ID_SET = 0x80, 0xA1, 0xA2, 0xA3
REFRESH_AND_PERSIST = 3
LARGEST_MESSAGE_BYTES = 64 * 1024 * 1024
UUID_BYTES = 16


class State(IntEnum):
    """What an entry's message says about it (RFC 4533 section 2.2)."""

    PRESENT = 0
    ADD = 1
    MODIFY = 2
    DELETE = 3


@dataclass(frozen=True, slots=True)
class SyncEntry:
    """One entry. PRESENT and DELETE carry no attributes. Attribute names are lower case."""

    uuid: str
    state: State
    dn: str
    attributes: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    cookie: bytes | None = None


@dataclass(frozen=True, slots=True)
class NewCookie:
    """Only the position moved."""

    cookie: bytes


@dataclass(frozen=True, slots=True)
class PhaseEnd:
    """A phase of the refresh ends. present: what was not mentioned is gone. done: so does the refresh."""

    present: bool
    done: bool
    cookie: bytes | None = None


@dataclass(frozen=True, slots=True)
class IdSet:
    """Many entries at once: gone, or unchanged since the cookie."""

    uuids: frozenset[str]
    gone: bool
    cookie: bytes | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The search ended; a persistent one only ends when something is wrong. code is RFC 4511's resultCode."""

    code: int
    diagnostic: str
    cookie: bytes | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that says nothing to us, such as a reference to another server, which we never follow."""


@dataclass(frozen=True, slots=True)
class Disconnection:
    """The server is about to close (RFC 4511 section 4.4.1)."""

    diagnostic: str


Event = SyncEntry | NewCookie | PhaseEnd | IdSet | Done | Ignored | Disconnection


def encode_request(cookie: bytes | None) -> bytes:
    """Return the value of the Sync Request Control, mode refreshAndPersist (RFC 4533 section 2.2)."""
    content = ber.encode(ber.ENUMERATED, bytes((REFRESH_AND_PERSIST,)))
    if cookie is not None:
        content += ber.encode(ber.OCTET_STRING, cookie)
    return ber.encode(ber.SEQUENCE, content)


def read_message(received: bytearray) -> bytes | None:
    """Return the first whole LDAPMessage and remove it from received; None while more octets are needed."""
    with memoryview(received) as view:
        head = ber.header(view)
        if head is None:
            return None
        if view[0] != ber.SEQUENCE or sum(head) > LARGEST_MESSAGE_BYTES:
            raise BadMessage("what the server sent is not an LDAP message")
        size = sum(head)
        if len(view) < size:
            return None
        message = bytes(view[:size])
    del received[:size]
    return message


def decode_message(message: bytes) -> tuple[int, Event]:
    """Return the message's id and what it says. Id 0 is the server speaking unasked."""
    message_id, tag, operation, controls = unwrap(message)
    decode = OPERATIONS.get(tag)
    if decode is None:
        raise BadMessage(f"an answer to a search cannot have tag {tag:#04x}")
    return message_id, decode(operation, controls)


def unwrap(message: bytes) -> tuple[int, int, bytes, Mapping[bytes, bytes]]:
    """Return id, tag and content of the operation, and the values of controls by their kind (RFC 4511)."""
    outer = Reader(message)
    content = outer.inside(ber.SEQUENCE)
    outer.end()
    message_id = content.number()
    tag, operation = content.element()
    controls = _controls(content.inside(CONTROLS)) if content.next_is(CONTROLS) else {}
    content.end()
    return message_id, tag, operation, controls


def read_result(octets: bytes) -> tuple[int, str]:
    """Return resultCode and diagnosticMessage of an LDAPResult; a referral may follow and is not followed."""
    reader = Reader(octets)
    code = reader.number(ber.ENUMERATED)
    reader.octet_string()
    return code, text(reader.octet_string())


def _controls(reader: Reader) -> dict[bytes, bytes]:
    found = {}
    while reader.more():
        control = reader.inside(ber.SEQUENCE)
        kind = control.octet_string()
        if control.next_is(ber.BOOLEAN):
            control.boolean()
        found[kind] = control.octet_string() if control.more() else b""
        control.end()
    return found


def _entry(octets: bytes, controls: Mapping[bytes, bytes]) -> Event:
    dn, attributes = decode_entry(octets)
    if SYNC_STATE not in controls:
        raise BadMessage("an entry comes without its sync state")
    value = Reader(controls[SYNC_STATE])
    content = value.inside(ber.SEQUENCE)
    value.end()
    state = _state(content.number(ber.ENUMERATED))
    uuid = _uuid(content.octet_string())
    cookie = _optional_cookie(content)
    content.end()
    return SyncEntry(uuid, state, dn, attributes, cookie)


def _done(octets: bytes, controls: Mapping[bytes, bytes]) -> Event:
    code, diagnostic = read_result(octets)
    cookie = None
    if SYNC_DONE in controls:
        value = Reader(controls[SYNC_DONE])
        cookie = _optional_cookie(value.inside(ber.SEQUENCE))
        value.end()
    return Done(code, diagnostic, cookie)


def _reference(_octets: bytes, _controls: Mapping[bytes, bytes]) -> Event:
    return Ignored()


def _extended(octets: bytes, _controls: Mapping[bytes, bytes]) -> Event:
    return Disconnection(read_result(octets)[1])


def _intermediate(octets: bytes, _controls: Mapping[bytes, bytes]) -> Event:
    reader = Reader(octets)
    name = reader.take(0x80) if reader.next_is(0x80) else b""
    value = reader.take(0x81) if reader.next_is(0x81) else b""
    reader.end()
    return _info(Reader(value)) if name == SYNC_INFO else Ignored()


def _info(reader: Reader) -> Event:
    """Return what a Sync Info message says (RFC 4533 section 2.5)."""
    tag, value = reader.element()
    reader.end()
    if tag == NEW_COOKIE:
        return NewCookie(value)
    content = Reader(value)
    if tag in (REFRESH_DELETE, REFRESH_PRESENT):
        cookie = _optional_cookie(content)
        done = content.boolean() if content.more() else True
        content.end()
        return PhaseEnd(tag == REFRESH_PRESENT, done, cookie)
    if tag != ID_SET:
        raise BadMessage(f"a sync info message has the unknown kind {tag:#04x}")
    cookie = _optional_cookie(content)
    gone = content.boolean() if content.next_is(ber.BOOLEAN) else False
    listed = content.inside(ber.SET)
    content.end()
    uuids = set()
    while listed.more():
        uuids.add(_uuid(listed.octet_string()))
    return IdSet(frozenset(uuids), gone, cookie)


def _optional_cookie(reader: Reader) -> bytes | None:
    return reader.octet_string() if reader.next_is(ber.OCTET_STRING) else None


def _state(number: int) -> State:
    try:
        return State(number)
    except ValueError:
        raise BadMessage(f"an entry has the unknown sync state {number}") from None


def _uuid(octets: bytes) -> str:
    if len(octets) != UUID_BYTES:
        raise BadMessage(f"an entryUUID has {len(octets)} octets, not 16")
    digits = octets.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


OPERATIONS = {
    SEARCH_ENTRY: _entry,
    SEARCH_DONE: _done,
    SEARCH_REFERENCE: _reference,
    EXTENDED: _extended,
    INTERMEDIATE: _intermediate,
}

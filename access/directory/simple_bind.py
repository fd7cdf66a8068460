"""A simple bind in octets, and what a server answers (RFC 4511 section 4.2).

ldap3 does everything else. But a bind is on the way of every password that a directory checks, and takes
ldap3 ten times the processor time of these lines, for an answer of which we read four fields. What they
make of an answer is compared with ldap3's in the tests.
"""

from dataclasses import dataclass

from access.directory import ber
from access.directory.ber import Reader
from access.directory.errors import BadMessage
from access.directory.verdict import PASSWORD_POLICY

BIND_REQUEST, BIND_RESPONSE = 0x60, 0x61
SIMPLE, CONTROLS = 0x80, 0xA0
VERSION_3 = ber.encode(ber.INTEGER, b"\x03")
LAST_MESSAGE_ID = 2**31 - 1
_POLICY = PASSWORD_POLICY.encode()
# Asks, not critically, for what the server's password policy has to say.
_ASK_POLICY = ber.encode(CONTROLS, ber.encode(ber.SEQUENCE, ber.encode(ber.OCTET_STRING, _POLICY)))


@dataclass(frozen=True, slots=True)
class BindAnswer:
    """A BindResponse: resultCode, diagnosticMessage, and the value of the password policy control if sent."""

    message_id: int
    code: int
    diagnostic: str
    policy: bytes | None = None


def encode_bind(message_id: int, dn: str, password: bytes) -> bytes:
    """Return the LDAPMessage that binds as dn; message_id is 1 to LAST_MESSAGE_ID."""
    bind = VERSION_3 + ber.encode(ber.OCTET_STRING, dn.encode()) + ber.encode(SIMPLE, password)
    number = message_id.to_bytes(message_id.bit_length() // 8 + 1, "big")
    content = ber.encode(ber.INTEGER, number) + ber.encode(BIND_REQUEST, bind) + _ASK_POLICY
    return ber.encode(ber.SEQUENCE, content)


def decode_answer(message: bytes) -> BindAnswer:
    """Return what one whole LDAPMessage says. Raises BadMessage for anything but a BindResponse."""
    outer = Reader(message)
    content = outer.inside(ber.SEQUENCE)
    outer.end()
    message_id = content.number()
    response = content.inside(BIND_RESPONSE)
    code = response.number(ber.ENUMERATED)
    response.octet_string()
    diagnostic = response.octet_string().decode("utf-8", "replace")
    while response.more():
        # A referral or credentials of SASL: neither says anything about a password.
        response.element()
    policy = _policy(content.inside(CONTROLS)) if content.more() else None
    content.end()
    return BindAnswer(message_id, code, diagnostic, policy)


def _policy(controls: Reader) -> bytes | None:
    """Return the value of the password policy control. Raises BadMessage where there are two of them."""
    found: list[bytes | None] = []
    while controls.more():
        control = controls.inside(ber.SEQUENCE)
        kind = control.octet_string()
        if control.next_is(ber.BOOLEAN):
            control.boolean()
        value = control.octet_string() if control.more() else None
        control.end()
        if kind == _POLICY:
            found.append(value)
    if len(found) > 1:
        raise BadMessage("a server answers a bind with two policies")
    return found[0] if found else None

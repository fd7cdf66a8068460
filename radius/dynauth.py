"""Requests that end or change a session, and their answers (RFC 5176).

A request carries an Event-Timestamp, against replays, and a Message-Authenticator; what answers it must
be made with the secret, for this request, and if it says when it was made, recently.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address

from radius.attributes import Attribute, AttributeType, integer, text
from radius.authenticator import (
    message_authenticator_holds,
    reply_is_hashed_with,
    request_is_hashed_with,
    sign_hashed_request,
)
from radius.errors import RadiusError
from radius.facts import integer as number
from radius.packet import BadPacket, Code, Packet, decode
from radius.secret import SharedSecret

# RFC 5176 section 6.3
FRESH_S = 300


class Action(Enum):
    """What is asked of the NAS."""

    DISCONNECT = Code.DISCONNECT_REQUEST
    CHANGE = Code.COA_REQUEST


# RFC 5176 section 3.5, and what an administrator should look at.
ERROR_CAUSES = {
    201: "the session's remains are removed",
    202: "invalid EAP packet",
    401: "the NAS does not support an attribute we sent",
    402: "the NAS misses an attribute it needs",
    403: "we addressed another NAS",
    404: "the NAS finds the request invalid",
    405: "the NAS does not support this service",
    406: "the NAS does not support this extension",
    407: "the NAS finds a value invalid",
    501: "the NAS is configured to refuse this",
    502: "a proxy found no way to the NAS",
    503: "the NAS has no such session",
    504: "the NAS cannot remove the session",
    505: "a proxy failed",
    506: "the NAS has no resources for it",
    507: "the NAS goes on by a request of its own",
    508: "the NAS cannot select several sessions at once",
}
SESSION_CONTEXT_NOT_FOUND = 503
RESOURCES_UNAVAILABLE = 506
REQUEST_INITIATED = 507


class NotAnAnswer(RadiusError):
    """What came is not the NAS's answer to this request: go on waiting."""


@dataclass(frozen=True, slots=True)
class SessionName:
    """By what the NAS is to find the session. Give what it knows: each must fit."""

    user_name: str = ""
    acct_session_id: str = ""
    calling_station: str = ""
    nas_ip: IPv4Address | None = None
    nas_port: int | None = None
    framed_ip: IPv4Address | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the NAS says. cause is its Error-Cause, words the same for people."""

    acknowledged: bool
    cause: int | None = None
    words: str = ""


def build(
    action: Action,
    identifier: int,
    attributes: Iterable[Attribute],
    secret: SharedSecret,
    now: float,
) -> bytes:
    """Return the octets of a request. now is in seconds since 1970; attributes begin with identify()."""
    stamp = integer(AttributeType.EVENT_TIMESTAMP, int(now))
    packet = Packet(action.value, identifier, b"", (*attributes, stamp))
    return sign_hashed_request(packet, secret, message_authenticator=True)


def identify(name: SessionName) -> tuple[Attribute, ...]:
    """Return the attributes that name a session (RFC 5176 section 3)."""
    texts = {
        AttributeType.USER_NAME: name.user_name,
        AttributeType.ACCT_SESSION_ID: name.acct_session_id,
        AttributeType.CALLING_STATION_ID: name.calling_station,
    }
    addresses = {AttributeType.NAS_IP_ADDRESS: name.nas_ip, AttributeType.FRAMED_IP_ADDRESS: name.framed_ip}
    ports = () if name.nas_port is None else (integer(AttributeType.NAS_PORT, name.nas_port),)
    return (
        *(text(kind, value) for kind, value in texts.items() if value),
        *(Attribute(kind, address.packed) for kind, address in addresses.items() if address is not None),
        *ports,
    )


def read_answer(data: bytes, request: bytes, secret: SharedSecret, now: float) -> Answer:
    """Return the answer in data to the request. Raises NotAnAnswer."""
    try:
        asked, reply = decode(request), decode(data)
    except BadPacket as error:
        raise NotAnAnswer(str(error)) from error
    outcome = _OUTCOMES.get((asked.code, reply.code))
    if outcome is None or reply.identifier != asked.identifier:
        raise NotAnAnswer(f"{reply.code.name} with identifier {reply.identifier}")
    if not reply_is_hashed_with(reply, asked.authenticator, secret):
        raise NotAnAnswer("made with another secret, or for another request")
    signed = reply.message_authenticator_at
    if signed and not message_authenticator_holds(reply, secret, asked.authenticator):
        raise NotAnAnswer("a wrong Message-Authenticator")
    if not _is_fresh(reply, now, required=False):
        raise NotAnAnswer("an answer of another time: do both clocks agree?")
    cause = number(reply.first(AttributeType.ERROR_CAUSE))
    unsaid = "" if outcome else "the NAS refuses, and does not say why"
    return Answer(
        outcome, cause, unsaid if cause is None else ERROR_CAUSES.get(cause, f"Error-Cause {cause}")
    )


def is_request(data: bytes, secret: SharedSecret, now: float) -> bool:
    """Return whether data is a fresh request made with secret, as a NAS would check it."""
    try:
        packet = decode(data)
    except BadPacket:
        return False
    return (
        packet.code in (Code.DISCONNECT_REQUEST, Code.COA_REQUEST)
        and request_is_hashed_with(packet, secret)
        and message_authenticator_holds(packet, secret)
        and _is_fresh(packet, now, required=True)
    )


def _is_fresh(packet: Packet, now: float, required: bool) -> bool:
    stamp = number(packet.first(AttributeType.EVENT_TIMESTAMP))
    if stamp is None:
        return not required
    return abs(now - stamp) <= FRESH_S


_OUTCOMES = {
    (Code.DISCONNECT_REQUEST, Code.DISCONNECT_ACK): True,
    (Code.DISCONNECT_REQUEST, Code.DISCONNECT_NAK): False,
    (Code.COA_REQUEST, Code.COA_ACK): True,
    (Code.COA_REQUEST, Code.COA_NAK): False,
}

"""What an Accounting-Request says, and when it was true (RFC 2866 section 4.1).

What its sessions add up to is the application's: it knows them by the Class of its Accept, where a NAS may
use an Acct-Session-Id again.
"""

from radius.attributes import AttributeType
from radius.facts import facts, integer, text, usage
from radius.packet import BadPacket, Packet
from radius.questions import Account, AccountKind

_KINDS = {kind.value: kind for kind in AccountKind}
_OF_SESSIONS = frozenset({AccountKind.START, AccountKind.INTERIM, AccountKind.STOP})


def read_account(nas: str, packet: Packet) -> Account | None:
    """Return the question in an Accounting-Request; None for a kind that is not about sessions.

    Raises BadPacket where what every such request must have is missing.
    """
    values = packet.values
    number = integer(values.get(AttributeType.ACCT_STATUS_TYPE))
    if number is None:
        raise BadPacket("an Accounting-Request without an Acct-Status-Type")
    kind = _KINDS.get(number)
    if kind is None:
        return None
    acct_session_id = text(values.get(AttributeType.ACCT_SESSION_ID))
    if kind in _OF_SESSIONS and not acct_session_id:
        raise BadPacket("an Accounting-Request without an Acct-Session-Id")
    event_time = integer(values.get(AttributeType.EVENT_TIMESTAMP))
    return Account(
        nas=nas,
        kind=kind,
        acct_session_id=acct_session_id,
        user_name=text(values.get(AttributeType.USER_NAME)),
        class_=tuple(packet.all(AttributeType.CLASS)),
        facts=facts(values),
        usage=usage(values),
        event_time=None if event_time is None else float(event_time),
        delay_s=integer(values.get(AttributeType.ACCT_DELAY_TIME)) or 0,
    )


def reported_at(account: Account, received_at: float) -> float:
    """Return when a report was true, in seconds since 1970 like received_at.

    At its Event-Timestamp, or without one as long ago as the NAS has tried to send it; never in the future,
    whatever the clock of the NAS.
    """
    at = received_at - account.delay_s if account.event_time is None else account.event_time
    return min(at, received_at)

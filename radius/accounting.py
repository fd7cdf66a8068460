"""What an Accounting-Request says, and when it was true (RFC 2866 section 4.1).

What its sessions add up to is the application's: it knows them by the Class of its Accept, where a NAS may
use an Acct-Session-Id again.
"""

from radius.attributes import AttributeType
from radius.facts import Facts, integer, networks, text, usage
from radius.packet import BadPacket, Packet
from radius.questions import Account, AccountKind

_KINDS = {kind.value: kind for kind in AccountKind}
_OF_SESSIONS = frozenset({AccountKind.START, AccountKind.INTERIM, AccountKind.STOP})


# A clock that is further from ours than this was never set, or is another's: no NAS tries for so long.
CLOCK_TRUSTED_S = 86400.0


def read_account(nas: str, packet: Packet, known: Facts) -> Account | None:
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
        facts=known,
        usage=usage(values),
        event_time=None if event_time is None else float(event_time),
        delay_s=integer(values.get(AttributeType.ACCT_DELAY_TIME)) or 0,
        multi_session_id=text(values.get(AttributeType.ACCT_MULTI_SESSION_ID)),
        networks=networks(packet),
    )


def reported_at(account: Account, received_at: float) -> float:
    """Return when a report was true, in seconds since 1970 like received_at.

    At its Event-Timestamp, or without one as long ago as the NAS has tried to send it; never in the future,
    whatever the clock of the NAS. A NAS that has just started may not know what day it is: what is more than
    a day from now is not believed.
    """
    sent_at = received_at - account.delay_s
    stamp = account.event_time
    if stamp is None or abs(received_at - stamp) > CLOCK_TRUSTED_S:
        return sent_at
    return min(stamp, received_at)

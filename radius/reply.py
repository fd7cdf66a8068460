"""The attributes of each kind of reply."""

from collections.abc import Mapping

from radius.attributes import Attribute, AttributeType, integer, split_octets, split_text, text
from radius.hidden import MICROSOFT, mppe_keys
from radius.questions import Granted
from radius.secret import SharedSecret


def accept(granted: Granted, user_name: str) -> tuple[Attribute, ...]:
    """Return the attributes of an Access-Accept without EAP.

    A User-Name only where accounting should use another one than the NAS sent (RFC 2865 section 5.1).
    """
    renamed = granted.user_name and granted.user_name != user_name
    name = (text(AttributeType.USER_NAME, granted.user_name),) if renamed else ()
    return (*name, *granted.attributes, *_class(granted))


def accept_eap(granted: Granted, eap_success: bytes, identity: str) -> tuple[Attribute, ...]:
    """Return the attributes of an Access-Accept with EAP, but for the keys.

    With the inner identity as User-Name, or accounting would know this session by an anonymous name only.
    Without a Reply-Message, even if one was granted (RFC 3579 section 2.6.5).
    """
    name = text(AttributeType.USER_NAME, granted.user_name or identity)
    given = (a for a in granted.attributes if a.vendor or a.type != AttributeType.REPLY_MESSAGE)
    return (*eap_message(eap_success), name, *given, *_class(granted))


def accept_relayed(granted: Granted, brought: tuple[Attribute, ...], user_name: str) -> tuple[Attribute, ...]:
    """Return the attributes of an Access-Accept that a home server has said, as far as it may.

    What was granted here counts where both speak, of two Session-Timeouts the shorter. Our Class stands
    first, the home server's goes with it.
    """
    if granted.alone:
        brought = tuple(each for each in brought if _is_of_the_method(each))
    given = {(each.vendor, each.type) for each in granted.attributes}
    name = {(0, AttributeType.USER_NAME)}
    kept = tuple(each for each in brought if (each.vendor, each.type) not in given | name)
    named = next((each for each in brought if (each.vendor, each.type) in name), None)
    if named is None and granted.user_name and granted.user_name != user_name:
        named = text(AttributeType.USER_NAME, granted.user_name)
    shortest = min((each.value for each in (*granted.attributes, *brought) if _is_timeout(each)), default=b"")
    granted_here = tuple(
        each._replace(value=shortest) if _is_timeout(each) else each for each in granted.attributes
    )
    return (*((named,) if named else ()), *granted_here, *_class(granted), *kept)


def _is_of_the_method(attribute: Attribute) -> bool:
    """Return whether a login by EAP or MSCHAPv2 cannot end well without it."""
    return attribute.vendor == MICROSOFT or (
        not attribute.vendor and attribute.type == AttributeType.EAP_MESSAGE
    )


def keys(msk: bytes, secret: SharedSecret, authenticator: bytes, salts: bytes) -> tuple[Attribute, ...]:
    """Return the keys for the NAS; none where the method made none."""
    return mppe_keys(msk, secret, authenticator, salts) if msk else ()


def key_name(asked: Mapping[int, bytes], session_id: bytes) -> tuple[Attribute, ...]:
    """Return the name of the keys for a NAS that asked for it (RFC 7268 section 2.2), where they have one."""
    if AttributeType.EAP_KEY_NAME not in asked or not session_id:
        return ()
    return (Attribute(AttributeType.EAP_KEY_NAME, session_id),)


def reject(message: str) -> tuple[Attribute, ...]:
    """Return the attributes of an Access-Reject without EAP."""
    return split_text(AttributeType.REPLY_MESSAGE, message)


def prompt(message: str, state: bytes, answer_within_s: int) -> tuple[Attribute, ...]:
    """Return the attributes of an Access-Challenge that asks the person something."""
    return (*split_text(AttributeType.REPLY_MESSAGE, message), *_step(state, answer_within_s))


def challenge_eap(request: bytes, state: bytes, retransmit_s: int) -> tuple[Attribute, ...]:
    """Return the attributes of an Access-Challenge with EAP; the timeout is a hint (RFC 3579 2.6.1)."""
    return (*eap_message(request), *_step(state, retransmit_s))


def eap_message(octets: bytes) -> tuple[Attribute, ...]:
    """Return an EAP packet in attributes. There is no Reply-Message beside them (RFC 3579 section 2.6.5)."""
    return split_octets(AttributeType.EAP_MESSAGE, octets)


def _is_timeout(attribute: Attribute) -> bool:
    return (
        not attribute.vendor and attribute.type == AttributeType.SESSION_TIMEOUT and len(attribute.value) == 4
    )


def _class(granted: Granted) -> tuple[Attribute, ...]:
    return (Attribute(AttributeType.CLASS, granted.class_),) if granted.class_ else ()


def _step(state: bytes, timeout_s: int) -> tuple[Attribute, ...]:
    return (Attribute(AttributeType.STATE, state), integer(AttributeType.SESSION_TIMEOUT, timeout_s))

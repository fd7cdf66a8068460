"""What hypothesis makes of RADIUS: packets that decode() can yield."""

from hypothesis import strategies as st

from radius.attributes import Attribute, AttributeType
from radius.packet import Code, Packet

_SPECIAL = {
    AttributeType.USER_PASSWORD,
    AttributeType.CHAP_PASSWORD,
    AttributeType.STATE,
    AttributeType.VENDOR_SPECIFIC,
    AttributeType.ARAP_PASSWORD,
    AttributeType.EAP_MESSAGE,
    AttributeType.MESSAGE_AUTHENTICATOR,
}
PLAIN_TYPES = st.integers(1, 255).filter(lambda kind: kind not in _SPECIAL)
PLAIN = st.builds(Attribute, PLAIN_TYPES, st.binary(max_size=253), st.just(0))
OF_VENDORS = st.builds(Attribute, st.integers(1, 255), st.binary(max_size=247), st.integers(1, 2**32 - 1))
OF_ANOTHER_FORMAT = st.builds(Attribute, st.just(26), st.binary(max_size=5), st.just(0))
ATTRIBUTES = st.lists(st.one_of(PLAIN, OF_VENDORS, OF_ANOTHER_FORMAT), max_size=8)
PACKETS = st.builds(
    Packet,
    st.sampled_from(Code),
    st.integers(0, 255),
    st.binary(min_size=16, max_size=16),
    ATTRIBUTES.map(tuple),
)

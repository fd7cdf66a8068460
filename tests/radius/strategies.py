"""What hypothesis makes of RADIUS: packets that decode() can yield."""

from hypothesis import strategies as st

from radius.attributes import Attribute, AttributeType
from radius.formats import VENDOR_FORMATS, extended
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
PLAIN_TYPES = st.integers(1, 240).filter(lambda kind: kind not in _SPECIAL)
PLAIN = st.builds(Attribute, PLAIN_TYPES, st.binary(max_size=253), st.just(0))
OF_VENDORS = st.builds(
    Attribute,
    st.integers(1, 255),
    st.binary(max_size=247),
    st.integers(1, 2**32 - 1).filter(lambda vendor: vendor not in VENDOR_FORMATS),
)
OF_ANOTHER_FORMAT = st.builds(Attribute, st.just(26), st.binary(max_size=5), st.just(0))
OF_ODD_FORMATS = st.sampled_from(sorted(VENDOR_FORMATS)).flatmap(
    lambda vendor: st.builds(
        Attribute,
        st.integers(1, 256 ** VENDOR_FORMATS[vendor].type_octets - 1),
        st.binary(max_size=600 if VENDOR_FORMATS[vendor].continued else 240),
        st.just(vendor),
    )
)
_EXTENDED_KINDS = st.integers(1, 255).filter(lambda kind: kind != AttributeType.VENDOR_SPECIFIC)
EXTENDED = st.builds(
    Attribute,
    st.builds(extended, st.integers(241, 244), _EXTENDED_KINDS),
    st.binary(max_size=252),
    st.just(0),
)
LONG_EXTENDED = st.builds(
    Attribute,
    st.builds(extended, st.integers(245, 246), _EXTENDED_KINDS),
    st.binary(max_size=800),
    st.just(0),
)
EXTENDED_OF_VENDORS = st.builds(
    Attribute,
    st.builds(extended, st.integers(241, 246), st.just(26), st.integers(1, 255)),
    st.binary(max_size=247),
    st.integers(1, 2**32 - 1),
)
ATTRIBUTES = st.lists(
    st.one_of(
        PLAIN, OF_VENDORS, OF_ANOTHER_FORMAT, OF_ODD_FORMATS, EXTENDED, LONG_EXTENDED, EXTENDED_OF_VENDORS
    ),
    max_size=5,
)
PACKETS = st.builds(
    Packet,
    st.sampled_from(Code),
    st.integers(0, 255),
    st.binary(min_size=16, max_size=16),
    ATTRIBUTES.map(tuple),
)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.eap.avp import Avp, BadAvp, decode_avps, encode_avp

AVPS = st.builds(
    Avp,
    st.integers(0, 2**32 - 1),
    st.integers(1, 2**32 - 1) | st.just(0),
    st.booleans(),
    st.binary(max_size=20),
)


@given(st.lists(AVPS, max_size=5))
def test_pairs_survive_their_octets(avps):
    assert decode_avps(b"".join(map(encode_avp, avps))) == tuple(avps)


@given(st.binary(max_size=40))
def test_arbitrary_octets_raise_nothing_but_bad_avp(octets):
    try:
        assert isinstance(decode_avps(octets), tuple)
    except BadAvp:
        return


@pytest.mark.parametrize(
    "octets",
    [
        b"\0\0\0\1\x40\0\0",
        b"\0\0\0\1\x40\0\0\x07",
        b"\0\0\0\1\x40\0\0\x0dkimm",
        b"\0\0\0\1\x40\0\0\x0bkim",
        b"\0\0\0\1\xc0\0\0\x0b\0\0\1\0",
        b"\0\0\0\1\x60\0\0\x0ckimm",
    ],
    ids=["header", "short length", "overrun", "no padding", "no room for the vendor", "reserved flag"],
)
def test_what_rfc_5281_forbids_is_refused(octets):
    with pytest.raises(BadAvp):
        decode_avps(octets)


def test_a_password_does_not_show_in_the_repr_of_a_pair():
    assert "horse" not in repr(Avp(2, 0, True, b"correct horse"))

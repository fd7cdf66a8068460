"""A million packets that nobody should send."""

import random

import pytest

from radius.eap.packet import EapType
from radius.eap.ttls import Ttls
from radius.eap.tunnel import Contexts, ServerIdentity
from radius.nas import CodeMode
from radius.packet import BadPacket, decode, encode
from tests.peers.certificates import create_authority
from tests.radius.fuzz import MadNas, datagram

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


def test_a_million_packets_raise_nothing_but_bad_packet():
    rng = random.Random(20865)
    good = 0
    for _ in range(1_000_000):
        data = datagram(rng)
        try:
            packet = decode(data)
        except BadPacket:
            continue
        good += 1
        assert decode(encode(packet)) == packet
    assert 10_000 < good < 990_000


@pytest.mark.parametrize("code", CodeMode)
def test_a_hundred_thousand_signed_requests_crash_nothing(code, tmp_path):
    files = create_authority(tmp_path).issue("radius.example")
    contexts = Contexts(ServerIdentity(str(files.certificate), str(files.key)))
    nas = MadNas(
        2865, {EapType.TTLS: lambda opening: Ttls(contexts.tunnel(EapType.TTLS), opening)}, code=code
    )

    for _ in range(100_000):
        nas.step()

    counters = nas.office.counters
    assert counters.rejects > 1000
    assert counters.challenges > 1000

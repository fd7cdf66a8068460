"""A million packets that nobody should send, and a hundred thousand conversations that nobody should have."""

import os
import random
from collections import Counter
from pathlib import Path

import pytest
from OpenSSL import SSL

from access.logins.eap_methods import eap_methods
from radius.eap.packet import EapType
from radius.eap.ttls import Ttls
from radius.eap.tunnel import Contexts, ServerIdentity
from radius.nas import CodeMode
from radius.packet import BadPacket, Code, decode, encode
from tests.peers.certificates import create_authority
from tests.radius.eap.peap_supplicant import PeapSupplicant
from tests.radius.eap.supplicant import Wireless
from tests.radius.fuzz import CARELESS, MadNas, MadPeer, bombard, datagram, mangled
from tests.radius.office import Asker, Office

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

CONVERSATIONS = 34_000
GROWTH_KIB = 20_000


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


def test_a_million_mutated_packets_leave_the_server_answering_and_its_memory_where_it_was():
    office, asker, rng = Office(nas=CARELESS), Asker(), random.Random(20869)
    bombard(rng, office, asker, 100_000)
    before_kib = resident_kib()

    bombard(rng, office, asker, 1_000_000)

    assert resident_kib() - before_kib < GROWTH_KIB
    office.now += 60.0
    office.expire()
    [reply] = office.receive(asker.pap("correct horse"))
    assert reply.data[0] == Code.ACCESS_ACCEPT
    counters = office.counters
    assert min(counters.accepts, counters.rejects, counters.malformed, counters.bad_authenticators) > 10_000


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


class Bare(Wireless):
    """A device that needs no tunnel."""

    def answer(self, request):
        return self.supplicant.answer(request)


def device(rng, office, asker):
    """Return a device that now and then says something else than it should."""
    peer = MadPeer(rng)
    if rng.random() < 0.5:
        return Bare(office, asker, peer, peer.identity)
    version = rng.choice((SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION))
    laptop = PeapSupplicant(peer, version=version, binds=rng.random() < 0.8)
    laptop.end = lambda said, end=laptop.end: mangled(rng, end(said))
    return Wireless(office, asker, laptop)


def resident_kib():
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


@pytest.mark.parametrize("code", CodeMode)
def test_mutated_conversations_crash_nothing_and_leave_no_memory_behind(code, tmp_path):
    files = create_authority(tmp_path).issue("radius.example")
    # Nothing is resumed: sessions that may be are kept, and that takes memory as it should.
    contexts = Contexts(ServerIdentity(str(files.certificate), str(files.key), resumption_s=0))
    methods = eap_methods(contexts, os.urandom, lambda *_shown: None, binding_required=False)
    rng, ends, before_kib = random.Random(5281), Counter(), 0
    office, asker = Office(methods, {"eap_methods": tuple(methods), "code": code}), Asker()

    for number in range(CONVERSATIONS):
        reply = device(rng, office, asker).log_in(steps=rng.randrange(1, 30))
        ends[reply.code] += 1
        office.now += 1.0
        office.expire()
        for kept in (office.sent, office.records, office.application.asked):
            kept.clear()
        if number == CONVERSATIONS // 10:
            before_kib = resident_kib()

    assert min(ends[Code.ACCESS_REJECT], ends[Code.ACCESS_CHALLENGE]) > CONVERSATIONS // 100
    assert resident_kib() - before_kib < GROWTH_KIB

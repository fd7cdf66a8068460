"""Every method over TLS while the NAS repeats, loses and disorders what it sends and gets."""

import random

import pytest

from radius.attributes import Attribute, AttributeType, split_octets
from radius.eap.packet import EapType
from radius.limits import Limits
from radius.packet import Code
from tests.radius.eap.supplicant import Wireless
from tests.radius.eap.ways import VERSIONS, WAYS
from tests.radius.office import MAC, Asker, station, user


class Lossy(Wireless):
    """Every request may get lost, its reply too, come again at once, or come again much later."""

    def __init__(self, office, supplicant, seed):
        super().__init__(office, Asker(), supplicant)
        self.rng = random.Random(seed)
        self.sent = []

    def send(self, eap, state):
        attributes = [user(self.outer), station(MAC), *split_octets(AttributeType.EAP_MESSAGE, eap)]
        attributes += [] if state is None else [Attribute(AttributeType.STATE, state)]
        request = self.last_request = self.asker.access(*attributes)
        self.sent.append(request)
        for _ in range(self.rng.randrange(3)):
            # The reply is lost, and the NAS asks again with the same octets.
            self.office.receive(request)
        for old in self.rng.sample(self.sent[:-1], min(2, len(self.sent) - 1)):
            # What took another way through the network arrives only now, and again.
            self.office.receive(old)
        [send] = self.office.receive(request)
        reply = self.asker.read(send, request)
        self.replies.append(reply)
        return reply


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS.keys())
@pytest.mark.parametrize("way", WAYS)
def test_loss_repeats_and_disorder_lead_to_the_same_end(office, pki, way, version):
    rng = random.Random(f"{way} {version}")
    for seed in range(4):
        # A tunnel in a tunnel takes more round trips than we grant where the fragments are that small.
        least = 300 if way == "PEAP/EAP-TLS" else 110
        laptop = WAYS[way](
            pki, authority=pki.server.authority, version=version, fragment=rng.randrange(least, 700)
        )
        limits = Limits(eap_packet_octets=rng.randrange(least, 1400))
        server = office(limits, eap_methods=(EapType(laptop.type),))
        nas = Lossy(server, laptop, seed)

        assert nas.log_in().code is Code.ACCESS_ACCEPT

        assert nas.msk() == laptop.msk()
        assert server.application.kinds.count("Authorize") == 1
        assert server.counters.duplicates_answered > 3

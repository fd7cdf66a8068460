"""A hundred thousand EAP conversations that go wrong somewhere."""

import gc
from pathlib import Path

import pytest

from radius.eap.turned_down import REMEMBERED_S
from radius.packet import Code
from tests.radius.eap.conftest import access_point, contexts, office, pki
from tests.radius.eap.mad_peers import MadPeers
from tests.radius.eap.supplicant import Wireless
from tests.radius.eap.ways import WAYS

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

CONVERSATIONS = 100_000
# After these, what is bounded has filled up.
WARM_UP = 40_000
# New certificates each so many: with them goes what could be resumed, which takes a while to fill up.
RENEWED = 4_000
MAX_GROWTH_KIB = 16 * 1024

__all__ = ["access_point", "contexts", "office", "pki"]


def test_a_hundred_thousand_conversations_leave_the_server_answering_and_its_memory_where_it_was(
    contexts, office, pki
):
    server = office()
    peers = MadPeers(9190, server, pki)
    before = 0
    for held in range(CONVERSATIONS):
        if held % RENEWED == 0:
            contexts.replace(pki.identity((pki.server, pki.renewed)[held // RENEWED % 2]))
        if held == WARM_UP:
            before = resident_kib()
        peers.converse()

    assert resident_kib() - before < MAX_GROWTH_KIB
    assert min(peers.ends[end] for end in ("accept", "reject", "silence")) > 1000
    laptop = WAYS["EAP-TLS"](pki, authority=pki.server.authority)
    # What the endpoint turned down is forgotten: this laptop speaks nothing but what is offered first.
    server.now += REMEMBERED_S
    server.expire()
    assert Wireless(server, peers.asker, laptop).log_in().code is Code.ACCESS_ACCEPT


def resident_kib():
    gc.collect()
    status = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))

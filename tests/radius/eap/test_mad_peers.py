from radius.packet import Code
from tests.radius.eap.mad_peers import MadPeers
from tests.radius.eap.supplicant import Wireless
from tests.radius.eap.ways import WAYS


def test_conversations_that_go_wrong_crash_nothing_and_leave_nothing(office, pki):
    server = office()
    peers = MadPeers(5216, server, pki)

    for _ in range(100):
        peers.converse()

    assert all(peers.ends[end] > 0 for end in ("accept", "reject", "silence"))
    server.now += 60
    server.expire()
    assert server.server.next_timer() is None
    laptop = WAYS["EAP-TLS"](pki, authority=pki.server.authority)
    assert Wireless(server, peers.asker, laptop, "calm").log_in().code is Code.ACCESS_ACCEPT

from radius.eap.packet import EapType
from radius.eap.turned_down import REMEMBERED_S, Peer, TurnedDown

KIM = Peer("02:00:5e:10:00:01", "kim")


def test_what_a_peer_has_named_is_known_for_a_day():
    memory = TurnedDown()
    memory.remember(KIM, EapType.PEAP, 100.0)

    assert memory.chosen(KIM, 100.0) is EapType.PEAP
    assert memory.chosen(KIM, 99.9 + REMEMBERED_S) is EapType.PEAP
    assert memory.chosen(KIM, 100.0 + REMEMBERED_S) is None
    assert memory.chosen(Peer(KIM.station, "lee"), 100.0) is None


def test_who_would_take_what_we_prefer_is_forgotten():
    memory = TurnedDown()
    memory.remember(KIM, EapType.PEAP, 0.0)

    memory.remember(KIM, None, 1.0)

    assert memory.chosen(KIM, 1.0) is None
    assert len(memory) == 0


def test_the_memory_is_bounded_by_those_who_came_the_longest_ago():
    memory = TurnedDown(most=2)
    for number in range(3):
        memory.remember(Peer("", str(number)), EapType.PEAP, 0.0)
    memory.remember(Peer("", "1"), EapType.TTLS, 0.0)
    memory.remember(Peer("", "3"), EapType.PEAP, 0.0)

    assert len(memory) == 2
    assert [memory.chosen(Peer("", str(number)), 0.0) for number in range(4)] == [
        None,
        EapType.TTLS,
        None,
        EapType.PEAP,
    ]

from access.gateways.uses import DAY_S, EVERY_S, MOST, Use, Uses


def test_a_use_is_told_once_a_day_and_when_the_session_ends():
    uses = Uses()

    uses.note(7, ["network:git"], now=10.0)
    assert uses.due(10.0) == [Use(7, "network:git", 10.0)]
    uses.note(7, ["network:git", "network:wiki"], now=20.0)
    assert uses.due(20.0 + EVERY_S) == [Use(7, "network:wiki", 20.0)]
    uses.ended(7, ["network:git"], now=100.0)
    assert uses.due(100.0 + EVERY_S) == [Use(7, "network:git", 100.0)]
    uses.note(7, ["network:git"], now=DAY_S + 1)
    assert uses.due(2 * DAY_S) == [Use(7, "network:git", DAY_S + 1)]


def test_uses_are_handed_out_in_portions_and_not_all_the_time():
    uses = Uses()
    uses.note(1, [f"network:{number}" for number in range(MOST + 2)], now=0.0)

    assert len(uses.due(0.0)) == MOST
    assert len(uses.due(0.0)) == 2
    uses.note(2, ["network:1"], now=1.0)
    assert uses.due(1.0) == []
    assert len(uses.due(EVERY_S)) == 1

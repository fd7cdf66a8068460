from radius.identifiers import MAX_SLOTS, Identifiers


def test_more_than_256_are_in_flight_over_more_than_one_socket_and_none_twice():
    identifiers = Identifiers()

    taken = [identifiers.take() for _ in range(600)]

    assert len(set(taken)) == 600
    assert {slot for slot, _ in taken} == {0, 1, 2}


def test_there_is_an_end_and_what_is_given_back_comes_last():
    identifiers = Identifiers()
    taken = [identifiers.take() for _ in range(256 * MAX_SLOTS)]
    assert identifiers.take() is None

    identifiers.give_back(*taken[7])
    identifiers.give_back(*taken[8])

    assert [identifiers.take(), identifiers.take(), identifiers.take()] == [taken[7], taken[8], None]

"""When a directory that does not answer is asked again."""

from access.directory.breaker import LIMIT, REST_S, Breaker


def failed(times, now=0.0):
    breaker = Breaker()
    for _ in range(times):
        breaker = breaker.failed(now)
    return breaker


def test_a_few_failures_stop_nobody():
    assert failed(LIMIT - 1).may_ask(0.0)[0]


def test_after_too_many_nobody_asks_until_it_has_rested():
    breaker = failed(LIMIT)

    assert not breaker.may_ask(REST_S - 0.1)[0]
    assert breaker.may_ask(REST_S)[0]


def test_one_asks_first_and_the_others_wait_for_the_answer():
    asks, breaker = failed(LIMIT).may_ask(REST_S)

    assert asks
    assert not breaker.may_ask(REST_S + 0.1)[0]
    assert breaker.answered().may_ask(REST_S + 0.1)[0]

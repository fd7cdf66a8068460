import pytest

from access.radius.radius_tally import MOST_KINDS, OTHERS, LoginTally


def login(reason="WRONG_PASSWORD", nas="vpn", method="pap", kind="refusal", ms=(3.0, 5.0)):
    steps = [{"name": "password", "ms": each} for each in ms]
    return {
        "kind": kind,
        "entry": {"reason": reason, "detail": {"nas": nas, "method": method, "steps": steps}},
    }


def test_logins_are_counted_by_nas_method_and_reason_with_what_all_steps_took():
    tally = LoginTally()

    tally.take([login(), login(), login("PERMITTED", "switch", "eap-tls", "login", (2000.0,))])

    assert tally.counts == {("vpn", "pap", "WRONG_PASSWORD"): 2, ("switch", "eap-tls", "PERMITTED"): 1}
    assert tally.durations["pap", "WRONG_PASSWORD"].sum_s == pytest.approx(0.016)
    assert tally.durations["eap-tls", "PERMITTED"].counts[10] == 1


def test_an_administrator_who_gets_into_a_device_has_logged_in():
    tally = LoginTally()

    tally.take([login("PERMITTED", "fw", kind="device-login"), login("STALE_DECISION", "fw")])

    assert tally.counts == {("fw", "pap", "PERMITTED"): 1, ("fw", "pap", "STALE_DECISION"): 1}


def test_what_is_no_login_is_passed_over():
    tally = LoginTally()

    tally.take([{"kind": "accounting"}, {"kind": "notice"}])

    assert not tally.counts


def test_a_flood_of_kinds_takes_no_more_memory():
    tally = LoginTally()
    tally.take([login(nas=f"nas-{number}") for number in range(MOST_KINDS + 5)])

    tally.take([login(nas="nas-0")])

    assert len(tally.counts) == MOST_KINDS + 1
    assert tally.counts[OTHERS] == 5
    assert tally.counts["nas-0", "pap", "WRONG_PASSWORD"] == 2

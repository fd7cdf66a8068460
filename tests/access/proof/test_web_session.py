import pytest

from access.proof.web_session import FRESH_S, IDLE_S, SessionState, opened, promoted, session_id

NOW = 1_800_000_000.0
OPENED = opened(7, "cookie", NOW, "10.1.2.3")


def test_what_is_stored_is_not_the_cookie():
    assert OPENED.id != "cookie"
    assert OPENED.id == session_id("cookie")
    assert len(OPENED.id) == 64


def test_a_session_with_a_password_only_lasts_ten_minutes():
    assert OPENED.alive(NOW + 599)
    assert not OPENED.alive(NOW + 600)


def test_a_step_up_has_another_id_and_its_own_end():
    signed_in = promoted(OPENED, "another", SessionState.SIGNED_IN, NOW + 60)

    assert signed_in.id != OPENED.id
    assert signed_in.valid_until == NOW + 12 * 3600
    assert signed_in.code_at == NOW + 60


def test_enrolling_is_no_proof_by_code():
    assert promoted(OPENED, "another", SessionState.ENROLLING, NOW).code_at is None


@pytest.mark.parametrize(
    ("state", "lasts_s"),
    [(SessionState.PASSWORD, 600), (SessionState.ENROLLING, 1800), (SessionState.SIGNED_IN, 12 * 3600)],
)
def test_later_steps_do_not_stretch_the_end(state, lasts_s):
    again = promoted(promoted(OPENED, "second", state, NOW + 300), "third", state, NOW + 500)

    assert again.valid_until == NOW + lasts_s


def test_an_idle_session_ends():
    session = promoted(OPENED, "another", SessionState.SIGNED_IN, NOW)

    assert session.alive(NOW + IDLE_S - 1)
    assert not session.alive(NOW + IDLE_S)


def test_a_code_is_fresh_for_ten_minutes_and_never_from_the_future():
    session = promoted(OPENED, "another", SessionState.SIGNED_IN, NOW)

    assert session.fresh(NOW + FRESH_S - 1)
    assert not session.fresh(NOW + FRESH_S)
    assert not session.fresh(NOW - 1)
    assert not OPENED.fresh(NOW)


def test_a_cookie_of_odd_octets_is_only_a_cookie_nobody_has():
    assert session_id("\udcff") != session_id("cookie")

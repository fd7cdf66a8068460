import pytest
from sqlalchemy import update

from access.logins.authorized_anew import KnownSession
from access.store.disconnects import STATE_S, StoredDisconnects, state_hash
from access.store.session_states import spend
from access.store.tables import sessions
from tests.access.gatehouse import Gatehouse
from tests.access.residents import KEYRING, NOW, Dice

NAS = {"nas_address": "192.0.2.7"}


@pytest.fixture
def house(database):
    return Gatehouse(database)


@pytest.fixture
def live(house):
    kept = {**NAS, "method": "eap-ttls-pap", "user_name": "minjun.kim@hangang.example", "otp_at": NOW - 5}
    kept["code"] = "totp registration"
    return house.session(house.user_id, house.nas(None), **kept)


def given(house, session_id):
    ports = StoredDisconnects(house.database, KEYRING, Dice(), "worker", None)
    return ports.authorize_state(session_id, NOW)


def spent(house, state, nas_id=1, source="192.0.2.7", at=1.0):
    with house.database.write() as conn:
        return spend(conn, nas_id, source, state, NOW + at)


def test_a_state_is_good_once_for_the_session_it_was_given_for(house, live):
    state = given(house, live)

    known = spent(house, state)

    assert known == KnownSession(
        class_=(1).to_bytes(16),
        user_id=house.user_id,
        endpoint_id=None,
        network_password_id=None,
        user_name="minjun.kim@hangang.example",
        method="eap-ttls-pap",
        otp_at=NOW - 5,
        certificate="",
        code="totp registration",
    )
    assert spent(house, state) is None


@pytest.mark.parametrize(
    "use", [{"nas_id": 2}, {"source": "192.0.2.8"}, {"at": STATE_S}, {"state": b"x" * 32}, {"state": b""}]
)
def test_a_state_is_good_for_nobody_else_and_not_for_long(house, live, use):
    state = given(house, live)

    assert spent(house, **{"state": state, **use}) is None
    # And whoever tried has not used it up.
    assert spent(house, state) is not None


def test_a_session_that_has_ended_is_authorized_no_more(house, live):
    state = given(house, live)
    house.end(live)

    assert spent(house, state) is None


def test_a_newer_state_takes_the_place_of_the_one_before(house, live):
    ports = StoredDisconnects(house.database, KEYRING, Dice(), "worker", None)
    first, second = ports.authorize_state(live, NOW), ports.authorize_state(live, NOW)

    assert spent(house, first) is None
    assert spent(house, second) is not None


def test_the_state_itself_is_not_stored(house, live):
    state = given(house, live)

    with house.database.write() as conn:
        kept = conn.execute(update(sessions).values(vlan="").returning(sessions.c.state_hash)).scalar_one()
    assert bytes(kept) == state_hash(state) != state

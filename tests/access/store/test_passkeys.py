from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, text

from access.keys.sealing import SealBroken
from access.proof.factors import Origin
from access.proof.passkey import Ceremony, Challenge, NewPasskey, Registered, SettledPasskey
from access.store import passkeys
from access.store.tables import passkeys as table
from access.store.tidying import tidy
from tests.access.residents import KEYRING, NOW, Dice, changes, settle_in

MADE = Registered(b"credential-1", b"a public key", 4, "00000000-0000-0000-0000-000000000000", ("usb", "nfc"))
CHALLENGE = Challenge(b"c" * 32, "session-1", Ceremony.ASSERTION, NOW + 300)


class Shelf:
    """A person and the passkeys they have."""

    def __init__(self, database, name="minjun.kim"):
        self.database = database
        self.user_id = settle_in(database, name)

    def add(self, made=MADE, nickname="laptop"):
        new = NewPasskey(self.user_id, made, nickname, NOW, Origin.HANDOVER)
        with self.database.write() as conn:
            return passkeys.add(conn, KEYRING, new, 1, Dice(3))

    def settle(self, read, count, at=NOW + 1, place="10.1.2.3"):
        with self.database.write() as conn:
            return passkeys.compare_and_set(conn, SettledPasskey(read, count, place), at)

    def revoke(self, passkey_id=None, user_id=None):
        with self.database.write() as conn:
            return passkeys.revoke(conn, user_id or self.user_id, passkey_id, NOW + 2)

    @property
    def standing(self):
        with self.database.read() as conn:
            return passkeys.standing_of(conn, KEYRING, self.user_id)

    @property
    def shown(self):
        with self.database.read() as conn:
            return passkeys.summaries_of(conn, self.user_id)


@pytest.fixture
def shelf(database):
    return Shelf(database)


def put(database, *challenges):
    with database.write() as conn:
        for each in challenges:
            passkeys.put_challenge(conn, each)


def take(database, session_id="session-1", ceremony=Ceremony.ASSERTION, now=NOW):
    with database.write() as conn:
        return passkeys.take_challenge(conn, session_id, ceremony, now)


def test_one_that_was_added_comes_back_and_is_told(shelf):
    shelf.add()

    (stored,) = shelf.standing
    assert (stored.credential_id, stored.public_key, stored.sign_count) == (
        b"credential-1",
        b"a public key",
        4,
    )
    assert (stored.transports, stored.nickname, stored.origin) == (("usb", "nfc"), "laptop", Origin.HANDOVER)
    assert changes(shelf.database) == [("token", str(shelf.user_id))]


def test_a_credential_is_somebodys_once_and_for_ever(shelf):
    other = Shelf(shelf.database, "seoyeon.lee")
    passkey_id = shelf.add()

    assert other.add() is None
    shelf.revoke(passkey_id)
    assert other.add() is None
    assert shelf.add() is None
    assert other.standing == ()


def test_a_public_key_of_somebody_elses_put_into_the_database_opens_nothing(shelf):
    shelf.add()
    with shelf.database.write() as conn:
        conn.execute(text("UPDATE passkeys SET public_key = :own"), {"own": b"a key of an intruder"})

    with pytest.raises(SealBroken):
        _ = shelf.standing


def test_a_passkey_moved_to_somebody_else_opens_nothing(shelf):
    other = Shelf(shelf.database, "boss")
    shelf.add()
    with shelf.database.write() as conn:
        conn.execute(text("UPDATE passkeys SET user_id = :boss"), {"boss": other.user_id})

    with pytest.raises(SealBroken):
        _ = other.standing


def test_a_use_is_written_down_with_its_place(shelf):
    shelf.add()
    (read,) = shelf.standing

    assert shelf.settle(read, 5)
    (after,) = shelf.shown
    assert (after.used_at, after.used_place) == (NOW + 1, "10.1.2.3")
    assert shelf.standing == (replace(read, sign_count=5),)
    assert changes(shelf.database)[-1] == ("token", str(shelf.user_id))


def test_a_count_that_another_process_has_moved_is_not_moved_again(shelf):
    shelf.add()
    (read,) = shelf.standing
    assert shelf.settle(read, 5)

    assert not shelf.settle(read, 5)
    assert not shelf.settle(read, 9)
    assert shelf.standing[0].sign_count == 5


def test_a_revoked_one_is_gone_and_cannot_be_settled(shelf):
    passkey_id = shelf.add()
    (read,) = shelf.standing

    assert shelf.revoke(passkey_id, user_id=settle_in(shelf.database, "rival")) == 0
    assert shelf.revoke(passkey_id) == 1
    assert shelf.revoke(passkey_id) == 0
    assert shelf.standing == () and shelf.shown == ()
    assert not shelf.settle(read, 5)


def test_all_of_a_person_are_revoked_together(shelf):
    shelf.add()
    shelf.add(replace(MADE, credential_id=b"credential-2"))

    assert shelf.revoke() == 2


def test_only_its_owner_renames_one(shelf):
    passkey_id = shelf.add()
    stranger = settle_in(shelf.database, "rival")

    with shelf.database.write() as conn:
        assert not passkeys.rename(conn, stranger, passkey_id, "mine")
        assert passkeys.rename(conn, shelf.user_id, passkey_id, "key ring")
    assert shelf.shown[0].nickname == "key ring"


def test_a_challenge_is_answered_once(database):
    put(database, CHALLENGE)

    assert take(database) == CHALLENGE.octets
    assert take(database) is None


@pytest.mark.parametrize(
    "asked",
    [
        {"session_id": "session-2"},
        {"ceremony": Ceremony.REGISTRATION},
        {"now": NOW + 300},
    ],
)
def test_a_challenge_is_of_one_session_one_ceremony_and_five_minutes(database, asked):
    put(database, CHALLENGE)

    assert take(database, **asked) is None


def test_the_challenge_before_it_is_worth_nothing(database):
    newer = replace(CHALLENGE, octets=b"n" * 32)
    put(database, CHALLENGE, newer)

    assert take(database) == newer.octets
    assert take(database) is None


def test_of_many_who_answer_the_same_challenge_one_is_looked_at(database):
    put(database, CHALLENGE)
    won, together = [], Barrier(8)

    def answer():
        together.wait()
        won.append(take(database))

    threads = [Thread(target=answer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won, key=bool) == [None] * 7 + [CHALLENGE.octets]


def test_challenges_nobody_answered_are_forgotten(database):
    put(database, CHALLENGE, replace(CHALLENGE, octets=b"l" * 32, session_id="later", valid_until=NOW + 900))

    tidy(database, NOW + 300)

    assert take(database, "later", now=NOW + 300) == b"l" * 32
    with database.read() as conn:
        assert conn.execute(select(table)).all() == []
        assert conn.execute(text("SELECT count(*) FROM passkey_challenges")).scalar() == 0

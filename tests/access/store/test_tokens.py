from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from access.keys.sealing import SealBroken
from access.proof.factors import NewToken, SettledToken, StoredToken
from access.store import tokens
from access.store.database import Database
from access.store.tables import tokens as table
from otp.token import State, Token, verify
from tests.access.residents import (
    DICE,
    KEYRING,
    NOW,
    SECRET,
    Dice,
    changes,
    give_phone,
    settle_in,
    shown,
    wrong,
)


def compare_and_set(conn, row_id, version, judged, at):
    read = StoredToken(row_id, 0, version, judged)
    return tokens.compare_and_set(conn, SettledToken(read, judged), at)


def active_of(database: Database, user_id: int) -> tuple[StoredToken, ...]:
    with database.read() as conn:
        return tokens.tokens_of(conn, KEYRING, user_id, State.ACTIVE)


def row_of(database: Database, token_id: int):
    with database.read() as conn:
        return conn.execute(select(table).where(table.c.id == token_id)).one()


def test_a_token_comes_back_as_it_was_stored(database):
    user_id = settle_in(database)

    token_id = give_phone(database, user_id)

    (stored,) = active_of(database, user_id)
    assert (stored.id, stored.user_id, stored.version) == (token_id, user_id, 0)
    assert stored.token == Token(SECRET, state=State.ACTIVE)


def test_the_seed_is_nowhere_in_the_row(database):
    token_id = give_phone(database, settle_in(database))

    assert SECRET not in row_of(database, token_id).secret


def test_every_part_of_a_judged_token_is_written_at_once(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    (stored,) = active_of(database, user_id)
    judged = replace(stored.token, last_step=7, failures=3, not_before=NOW + 60, drift_steps=-1)

    with database.write() as conn:
        assert compare_and_set(conn, stored.id, stored.version, judged, NOW)

    (again,) = active_of(database, user_id)
    assert again.token == judged
    assert again.version == stored.version + 1


def test_who_read_an_older_version_writes_nothing(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    (stored,) = active_of(database, user_id)
    _, accepted = verify(stored.token, shown(), NOW)
    _, failed = verify(stored.token, wrong(), NOW)

    with database.write() as conn:
        assert compare_and_set(conn, stored.id, stored.version, accepted, NOW)
    with database.write() as conn:
        assert not compare_and_set(conn, stored.id, stored.version, failed, NOW)

    assert active_of(database, user_id)[0].token == accepted


def test_only_a_spent_code_counts_as_use(database):
    user_id = settle_in(database)
    token_id = give_phone(database, user_id)
    (stored,) = active_of(database, user_id)

    with database.write() as conn:
        compare_and_set(conn, token_id, 0, verify(stored.token, wrong(), NOW)[1], NOW)
    assert row_of(database, token_id).used_at is None

    with database.write() as conn:
        compare_and_set(conn, token_id, 1, verify(stored.token, shown(), NOW)[1], NOW + 5)
    assert row_of(database, token_id).used_at == NOW + 5


def test_the_feed_hears_of_every_change_and_of_none_that_lost(database):
    user_id = settle_in(database)
    token_id = give_phone(database, user_id)
    (stored,) = active_of(database, user_id)

    with database.write() as conn:
        compare_and_set(conn, token_id, 0, stored.token, NOW)
        compare_and_set(conn, token_id, 0, stored.token, NOW)
    with database.write() as conn:
        tokens.revoke(conn, user_id, NOW)

    assert changes(database) == [("token", str(user_id))] * 3


@pytest.mark.parametrize("moved", [("secret",), ("secret", "binding"), ("organization_id",)])
def test_a_seed_moved_into_another_row_does_not_open(database, moved):
    mine, theirs = settle_in(database, "mina.park"), settle_in(database, "suho.lee", company="namsan")
    my_token, their_token = give_phone(database, mine), give_phone(database, theirs, b"another twenty octets")
    their_row = row_of(database, their_token)

    with database.write() as conn:
        if "binding" in moved:
            conn.execute(table.delete().where(table.c.id == their_token))
        values = {column: getattr(their_row, column) for column in moved}
        conn.execute(update(table).where(table.c.id == my_token).values(**values))

    with pytest.raises(SealBroken):
        active_of(database, mine)


def test_a_token_given_to_somebody_else_by_hand_opens_nothing(database):
    mine, theirs = settle_in(database, "mina.park"), settle_in(database, "suho.lee")
    give_phone(database, mine)

    with database.write() as conn:
        conn.execute(update(table).values(user_id=theirs))

    with pytest.raises(SealBroken):
        active_of(database, theirs)


def test_a_seed_sealed_before_persons_were_part_of_it_still_opens(database):
    user_id = settle_in(database)
    token_id = give_phone(database, user_id)
    row = row_of(database, token_id)
    place = f"token:{row.binding}:{row.organization_id}".encode()

    with database.write() as conn:
        conn.execute(update(table).values(secret=KEYRING.seal(SECRET, place, DICE)))

    (stored,) = active_of(database, user_id)
    assert stored.token.secret == SECRET


def test_what_is_shown_of_a_token_opens_no_seed(database):
    user_id = settle_in(database)
    token_id = give_phone(database, user_id)
    with database.write() as conn:
        conn.execute(update(table).values(secret=b"broken"))

    with database.read() as conn:
        (summary,) = tokens.summaries_of(conn, user_id)

    assert summary.id == token_id
    assert summary.state is State.ACTIVE


def test_revoking_one_leaves_the_others_and_works_without_the_seed(database):
    user_id, other = settle_in(database), settle_in(database, "mina.park")
    lost, kept = give_phone(database, user_id), give_phone(database, user_id, b"my second phone is new")
    give_phone(database, other)
    with database.write() as conn:
        conn.execute(update(table).where(table.c.id == lost).values(secret=b"broken"))

    with database.write() as conn:
        assert tokens.revoke(conn, user_id, NOW, only=lost) == 1
        assert tokens.revoke(conn, user_id, NOW, only=lost) == 0

    assert [token.id for token in active_of(database, user_id)] == [kept]
    assert len(active_of(database, other)) == 1


def test_nobody_revokes_a_token_of_another_person(database):
    mine, theirs = settle_in(database), settle_in(database, "mina.park")
    their_token = give_phone(database, theirs)

    with database.write() as conn:
        assert tokens.revoke(conn, mine, NOW, only=their_token) == 0

    assert len(active_of(database, theirs)) == 1


def test_revoking_defeats_a_code_judged_before(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    (stored,) = active_of(database, user_id)
    with database.write() as conn:
        tokens.revoke(conn, user_id, NOW)

    with database.write() as conn:
        assert not compare_and_set(
            conn, stored.id, stored.version, verify(stored.token, shown(), NOW)[1], NOW
        )


def test_forgiving_keeps_spent_codes_spent(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    (stored,) = active_of(database, user_id)
    with database.write() as conn:
        compare_and_set(
            conn, stored.id, 0, replace(stored.token, last_step=9, failures=100, not_before=NOW + 99), NOW
        )

    with database.write() as conn:
        assert tokens.forgive(conn, user_id, NOW) == 1

    assert active_of(database, user_id)[0].token == replace(stored.token, last_step=9)


def test_a_token_never_proven_is_revoked_after_its_time(database):
    user_id = settle_in(database)
    give_phone(database, user_id, state=State.PENDING)
    give_phone(database, user_id, b"the phone that was proven")

    with database.write() as conn:
        assert tokens.revoke_pending(conn, NOW + 600, NOW - 1) == 0
        assert tokens.revoke_pending(conn, NOW + 600, NOW) == 1

    assert len(active_of(database, user_id)) == 1


def test_two_tokens_with_equal_seeds_look_different_at_rest(database):
    user_id = settle_in(database)
    new = NewToken(user_id, Token(SECRET), created_at=NOW)
    dice = Dice()
    with database.write() as conn:
        first, second = (tokens.add(conn, KEYRING, new, 1, dice) for _ in range(2))

    one, two = row_of(database, first), row_of(database, second)
    assert one.secret != two.secret
    assert one.binding != two.binding


def test_a_serial_number_stands_once_in_a_company_and_may_stand_in_another(database):
    settle_in(database)
    settle_in(database, company="nakdong")
    spare = NewToken(None, Token(SECRET, state=State.SPARE), serial="FT-0001", created_at=NOW)
    with database.write() as conn:
        tokens.add(conn, KEYRING, spare, 1, Dice(1))
        tokens.add(conn, KEYRING, spare, 2, Dice(2))

    with pytest.raises(IntegrityError), database.write() as conn:
        tokens.add(conn, KEYRING, spare, 1, Dice(3))


def test_a_hardware_token_nobody_has_outlives_the_tidying_of_phones_never_proven(database):
    settle_in(database)
    spare = NewToken(None, Token(SECRET, state=State.SPARE), serial="FT-0001", created_at=NOW)
    with database.write() as conn:
        tokens.add(conn, KEYRING, spare, 1, DICE)

    with database.write() as conn:
        assert tokens.revoke_pending(conn, NOW + 86400, NOW + 86400) == 0


def test_what_is_known_of_a_clock_outlives_the_process(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    (stored,) = active_of(database, user_id)
    learnt = replace(stored.token, drift_steps=-3, missed_step=77, missed_at=NOW, last_step=70)

    with database.write() as conn:
        assert compare_and_set(conn, stored.id, stored.version, learnt, NOW)

    assert active_of(database, user_id)[0].token == learnt


def test_where_a_code_was_used_is_kept_and_where_one_was_wrong_is_not(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    (stored,) = active_of(database, user_id)
    settled = SettledToken(stored, verify(stored.token, shown(), NOW)[1], "vpn-1 ge-0/0/1")
    with database.write() as conn:
        tokens.compare_and_set(conn, settled, NOW)
    (stored,) = active_of(database, user_id)
    with database.write() as conn:
        failed = verify(stored.token, wrong(), NOW)[1]
        tokens.compare_and_set(conn, SettledToken(stored, failed, "elsewhere"), NOW)

    with database.read() as conn:
        (summary,) = tokens.summaries_of(conn, user_id)
    assert (summary.used_at, summary.used_place, summary.failures) == (NOW, "vpn-1 ge-0/0/1", 1)

"""Tokens read and settled over a kept connection: all of a batch or nothing, and a broken one is left."""

from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import text

from access.proof.factors import SettledToken
from access.store.database import Database, DatabaseUnavailable
from access.store.kept_tokens import KeptTokens
from tests.access.residents import KEYRING, NOW, changes, give_phone, settle_in


@pytest.fixture
def kept(database):
    with closing(KeptTokens(database, KEYRING)) as opened:
        yield opened


def phones(kept: KeptTokens, database: Database) -> list[SettledToken]:
    """Two people's tokens as read, to be settled at step 7."""
    ids = [settle_in(database, name) for name in ("minjun.kim", "mina.park")]
    for user_id in ids:
        give_phone(database, user_id)
    read = kept.active_tokens_of(ids)
    return [SettledToken(read[i][0], replace(read[i][0].token, last_step=7)) for i in ids]


def last_steps(kept: KeptTokens, settled: list[SettledToken]) -> list[int]:
    read = kept.active_tokens_of([each.read.user_id for each in settled])
    return [read[each.read.user_id][0].token.last_step for each in settled]


def test_what_is_settled_is_told_to_the_feed_once(kept, database):
    settled = phones(kept, database)
    before = len(changes(database))

    assert kept.settle_each(settled, NOW) == [True, True]
    assert kept.settle_each(settled, NOW) == [False, False]

    assert last_steps(kept, settled) == [7, 7]
    assert sorted(changes(database)[before:]) == sorted(("token", str(each.read.user_id)) for each in settled)


def test_of_a_batch_that_fails_nothing_is_written(kept, database):
    settled = phones(kept, database)
    broken = replace(settled[1], judged=replace(settled[1].judged, not_before=None))

    with pytest.raises(DatabaseUnavailable):
        kept.settle_each([settled[0], broken], NOW)

    assert last_steps(kept, settled) == [-1, -1]
    assert kept.settle_each(settled, NOW) == [True, True]


def test_a_connection_that_broke_is_left_and_another_opened(kept, database):
    settled = phones(kept, database)
    kept._connection.close()

    with pytest.raises(DatabaseUnavailable):
        kept.settle_each(settled, NOW)

    assert kept.settle_each(settled, NOW) == [True, True]


def test_nobody_is_refused_for_a_connection_that_broke_while_it_was_kept(kept, database):
    settled = phones(kept, database)
    kept._connection.close()

    assert last_steps(kept, settled) == [-1, -1]


def test_who_has_no_active_token_is_not_among_them(kept, database):
    user_id = settle_in(database)
    moved = give_phone(database, user_id)
    with database.write() as conn:
        conn.execute(text("UPDATE tokens SET state = 'revoked' WHERE id = :id"), {"id": moved})

    assert kept.active_tokens_of([user_id, 999]) == {}
    assert kept.active_tokens_of([]) == {}

"""Codes of many people in one transaction: each is told what it would have been told alone."""

from contextlib import closing
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from access.logins.spent_together import Typed, spend_codes
from access.model import Reason, User
from access.proof.authentication import Refusal, Spent, spend_code
from access.proof.factors import Origin, StoredToken
from access.store.database import Database
from access.store.spending import StoredCodes
from access.store.tables import tokens
from otp.token import State, Token
from tests.access.proof.test_authentication import SECOND_PHONE, print_codes
from tests.access.residents import (
    KEYRING,
    NOW,
    SECRET,
    Dice,
    give_phone,
    settle_in,
    shown,
    stored_codes,
    wrong,
)

NOBODY, MINJUN, MINA, JUN = None, 1, 2, 3
RIGHT = Spent(NOW, "totp")
SECRETS = {1: (SECRET,), 2: (SECOND_PHONE, SECRET), 3: ()}


def typed(user_id, code):
    return Typed(None if user_id is None else User(user_id, "hangang", f"user{user_id}", ""), code)


class Shelf:
    """Tokens in memory, compared and set as in the store."""

    def __init__(self):
        phones = [(user_id, secret) for user_id, secrets in SECRETS.items() for secret in secrets]
        self.rows = {
            number: StoredToken(number, user_id, 0, Token(secret, state=State.ACTIVE))
            for number, (user_id, secret) in enumerate(phones)
        }

    def code_key(self, key_id=None):
        return bytes(32)

    def recovery_codes(self, user_id):
        return None

    def active_tokens(self, user_id):
        return tuple(row for row in self.rows.values() if row.user_id == user_id)

    def active_tokens_of(self, user_ids):
        return {user_id: found for user_id in user_ids if (found := self.active_tokens(user_id))}

    def issued_codes(self, user_id):
        return ()

    def settle_tries(self, settled, issued, at, event=None):
        return self.settle_tokens(settled, at)

    def settle_tokens(self, settled, at, event=None):
        if any(self.rows[each.read.id].version != each.read.version for each in settled):
            return False
        for each in settled:
            self.rows[each.read.id] = replace(each.read, version=each.read.version + 1, token=each.judged)
        return True

    def settle_each(self, settled, at):
        return [self.settle_tokens([each], at) for each in settled]


CODES = st.sampled_from(
    [shown(), shown(), shown(SECOND_PHONE), wrong(), shown(now=NOW - 30), "", "abc", "0000-0000-0000-0000"]
)


@given(st.lists(st.tuples(st.sampled_from([NOBODY, MINJUN, MINA, JUN]), CODES), max_size=30))
def test_everybody_is_told_what_they_would_have_been_told_alone(codes):
    together, alone = Shelf(), Shelf()

    answers = spend_codes(together, [typed(*each) for each in codes], NOW)

    one_by_one = [spend_code(alone, typed(*each).user, each[1], NOW) for each in codes]
    assert answers == one_by_one
    assert {key: row.token for key, row in together.rows.items()} == {
        key: row.token for key, row in alone.rows.items()
    }


def spend_together(ports, asked, now):
    with closing(ports):
        return spend_codes(ports, asked, now)


def residents(database: Database, *names: str) -> list[int]:
    return [settle_in(database, name) for name in names]


def last_steps(database: Database) -> list[int]:
    with database.read() as conn:
        return list(conn.execute(select(tokens.c.last_step).order_by(tokens.c.id)).scalars())


def test_of_one_code_typed_many_times_together_one_is_spent(database):
    (user_id,) = residents(database, "minjun.kim")
    give_phone(database, user_id)

    answers = spend_together(stored_codes(database), [typed(user_id, shown())] * 5, NOW)

    assert answers == [RIGHT] + [Refusal(Reason.CODE_REPLAYED)] * 4


def test_the_wrong_code_of_one_takes_nothing_from_the_others(database):
    minjun, mina, jun, sora = residents(database, "minjun.kim", "mina.park", "jun.lee", "sora.han")
    for user_id in (minjun, mina, sora):
        give_phone(database, user_id)
    printed = print_codes(database, sora)
    asked = [typed(minjun, shown()), typed(mina, wrong()), typed(jun, shown()), typed(sora, printed[0])]

    answers = spend_together(stored_codes(database), asked, NOW)

    paper = Spent(NOW, "recovery", Origin.RECOVERED)
    assert answers == [RIGHT, Refusal(Reason.WRONG_CODE), Refusal(Reason.NO_TOKEN), paper]


def test_guesses_that_come_together_are_counted_one_by_one(database):
    (user_id,) = residents(database, "minjun.kim")
    give_phone(database, user_id)

    answers = spend_together(
        stored_codes(database), [typed(user_id, wrong())] * 7 + [typed(user_id, shown())], NOW
    )

    assert answers == [Refusal(Reason.WRONG_CODE)] * 5 + [Refusal(Reason.CODE_THROTTLED)] * 3


def test_a_seed_that_does_not_open_is_no_obstacle_for_the_others(database):
    minjun, mina = residents(database, "minjun.kim", "mina.park")
    moved = give_phone(database, minjun)
    give_phone(database, mina)
    with database.write() as conn:
        conn.execute(update(tokens).where(tokens.c.id == moved).values(binding="elsewhere"))

    answers = spend_together(stored_codes(database), [typed(minjun, shown()), typed(mina, shown())], NOW)

    assert answers == [Refusal(Reason.CODE_UNPROVABLE), RIGHT]


def test_while_the_database_is_away_nothing_is_proved(tmp_path):
    nowhere = Database(f"sqlite:///{tmp_path}/no/such/folder/gate.sqlite", tmp_path / "other.lock")

    answers = spend_together(
        StoredCodes(nowhere, KEYRING, Dice()), [typed(1, shown()), typed(2, shown())], NOW
    )

    assert answers == [Refusal(Reason.CODE_UNPROVABLE)] * 2


class Slower(StoredCodes):
    """Loses every race: somebody else writes between reading and writing."""

    def settle_each(self, settled, at):
        self._be_late()
        return super().settle_each(settled, at)

    def settle_tokens(self, settled, at, event=None):
        self._be_late()
        return super().settle_tokens(settled, at, event)

    def settle_tries(self, settled, issued, at, event=None):
        self._be_late()
        return super().settle_tries(settled, issued, at, event)

    def _be_late(self):
        with self.database.write() as conn:
            conn.execute(update(tokens).values(version=tokens.c.version + 1))


def test_who_loses_every_race_is_told_nothing_and_nothing_is_spent(database):
    minjun, mina = residents(database, "minjun.kim", "mina.park")
    for user_id in (minjun, mina):
        give_phone(database, user_id)
    before = last_steps(database)

    slow = Slower(database, KEYRING, Dice())
    answers = spend_together(slow, [typed(minjun, shown()), typed(mina, shown())], NOW)

    assert answers == [Refusal(Reason.CODE_UNPROVABLE)] * 2
    assert last_steps(database) == before

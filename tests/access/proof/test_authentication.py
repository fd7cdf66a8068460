from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import select, update

from access.directory.verdict import PasswordOutcome
from access.keys.sealing import Keyring
from access.model import Reason, User
from access.proof.authentication import (
    REASONS_OF_PASSWORDS,
    ROUNDS,
    Claim,
    Refusal,
    Spent,
    check_password,
    spend_code,
    spend_registration,
)
from access.proof.factors import Origin
from access.proof.throttle import PasswordThrottle
from access.store import codes
from access.store.database import Database
from access.store.spending import StoredCodes
from access.store.tables import attempts, tokens
from otp import recovery, registration
from otp.token import State
from tests.access.residents import (
    KEYRING,
    NOW,
    Dice,
    give_phone,
    settle_in,
    shown,
    stored_codes,
    wrong,
)

SECOND_PHONE = b"another twenty octets"


def user_of(user_id: int, name: str = "minjun.kim") -> User:
    return User(user_id, "hangang", name, f"uid={name},dc=hangang,dc=example")


@dataclass
class FakeDirectory:
    """Knows one password for everybody, and what it was asked."""

    throttle: PasswordThrottle = field(default_factory=PasswordThrottle)
    up: bool = True
    asked: list[tuple[str | None, User | None]] = field(default_factory=list)

    def check_directory(self, organization, user, password):
        self.asked.append((organization, user))
        if not self.up:
            return PasswordOutcome.UNAVAILABLE
        return PasswordOutcome.RIGHT if user and password == "right" else PasswordOutcome.WRONG


KIM = Claim("minjun.kim@hangang", user_of(1), "hangang", "10.1.2.3")
NOBODY = Claim("nobody@hangang", None, "hangang", "10.1.2.3")


@pytest.mark.parametrize(
    ("claim", "password", "reason"),
    [
        (KIM, "right", None),
        (KIM, "wrong", Reason.WRONG_PASSWORD),
        (KIM, "", Reason.EMPTY_PASSWORD),
        (NOBODY, "right", Reason.UNKNOWN_USER),
        (NOBODY, "", Reason.EMPTY_PASSWORD),
        (replace(KIM, user=replace(user_of(1), enabled=False)), "right", Reason.USER_DISABLED),
        (replace(KIM, user=replace(user_of(1), enabled=False)), "wrong", Reason.WRONG_PASSWORD),
    ],
)
def test_a_password_is_right_or_has_a_reason(claim, password, reason):
    answer = check_password(FakeDirectory(), claim, password, NOW)

    assert answer.reason is reason
    assert answer.right is (reason is None)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (PasswordOutcome.EXPIRED, Reason.PASSWORD_EXPIRED),
        (PasswordOutcome.LOCKED, Reason.ACCOUNT_LOCKED),
        (PasswordOutcome.DISABLED, Reason.USER_DISABLED),
        (PasswordOutcome.MUST_CHANGE, Reason.PASSWORD_MUST_CHANGE),
        (PasswordOutcome.UNAVAILABLE, Reason.DIRECTORY_UNAVAILABLE),
    ],
)
def test_what_the_directory_says_of_a_password_is_told_its_owner_as_it_is(said, reason):
    class Saying(FakeDirectory):
        def check_directory(self, *_asked):
            return said

    assert check_password(Saying(), KIM, "right", NOW).reason is reason


def test_every_answer_of_a_directory_has_a_reason():
    told = {PasswordOutcome.RIGHT, PasswordOutcome.UNAVAILABLE, *REASONS_OF_PASSWORDS}

    assert told == set(PasswordOutcome)


@pytest.mark.parametrize("outcome", PasswordOutcome)
def test_every_answer_of_a_directory_but_right_is_a_refusal(outcome):
    directory = FakeDirectory()
    directory.check_directory = lambda *_: outcome

    answer = check_password(directory, KIM, "guess", NOW)

    assert answer.right is (outcome is PasswordOutcome.RIGHT)


def test_a_name_nobody_has_costs_the_directory_as_much_as_a_wrong_password():
    directory = FakeDirectory()

    check_password(directory, NOBODY, "guess", NOW)
    check_password(directory, KIM, "guess", NOW)

    assert directory.asked == [("hangang", None), ("hangang", KIM.user)]


def test_an_empty_password_never_reaches_the_directory():
    directory = FakeDirectory()

    check_password(directory, KIM, "", NOW)

    assert directory.asked == []


@pytest.mark.parametrize("claim", [KIM, NOBODY])
def test_after_five_failures_the_directory_is_not_asked_for_a_minute(claim):
    directory = FakeDirectory()
    for number in range(5):
        check_password(directory, claim, f"wrong {number}", NOW)

    answer = check_password(directory, claim, "right", NOW)

    assert (answer.reason, answer.wait_s) == (Reason.PASSWORD_THROTTLED, 60)
    assert len(directory.asked) == 5
    assert check_password(directory, KIM, "right", NOW + 60).right


@pytest.mark.parametrize("claim", [KIM, NOBODY])
def test_a_password_known_to_be_wrong_is_not_sent_again_and_not_counted_again(claim):
    directory = FakeDirectory()
    check_password(directory, claim, "old", NOW)

    reasons = {check_password(directory, claim, "old", NOW + second).reason for second in range(60)}

    assert reasons == {Reason.PASSWORD_REPEATED}
    assert len(directory.asked) == 1
    check_password(directory, replace(claim, source="10.9.9.9"), "old", NOW)
    check_password(directory, claim, "old", NOW + 901)
    assert len(directory.asked) == 3
    assert check_password(directory, KIM, "right", NOW + 902).right


def test_after_a_change_in_the_directory_nothing_is_known_to_be_wrong():
    directory = FakeDirectory()
    before = replace(KIM, user=replace(KIM.user, password_changed_at=NOW - 1000))
    check_password(directory, before, "next", NOW)
    assert check_password(directory, before, "next", NOW + 3599).reason is Reason.PASSWORD_REPEATED

    changed = replace(KIM, user=replace(KIM.user, password_changed_at=NOW + 5))
    check_password(directory, changed, "next", NOW + 10)

    assert len(directory.asked) == 2


def test_a_directory_that_is_away_is_not_a_wrong_password_for_anybody():
    directory = FakeDirectory(up=False)

    reasons = {check_password(directory, claim, "x", NOW).reason for claim in (KIM, NOBODY) for _ in range(9)}

    assert reasons == {Reason.DIRECTORY_UNAVAILABLE}


def spend(ports, user_id, code, now=NOW):
    return spend_code(ports, user_of(user_id), code, now)


def failures_of(database: Database, table=tokens) -> list[int]:
    with database.read() as conn:
        return list(conn.execute(select(table.c.failures).order_by(table.c.user_id)).scalars())


def print_codes(database: Database, user_id: int, seed: int = 1) -> list[str]:
    printed, held = recovery.issue(Dice(seed), stored_codes(database).code_key())
    with database.write() as conn:
        codes.replace_recovery(conn, user_id, held, KEYRING.current, NOW)
    return printed


def invite(database: Database, user_id: int, now: float = NOW) -> str:
    code, invitation = registration.invite(Dice(), stored_codes(database).code_key(), now)
    with database.write() as conn:
        codes.replace_invitation(conn, user_id, invitation, (KEYRING.current, ""), now)
    return code


def test_a_code_is_accepted_once(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    ports = stored_codes(database)

    assert spend(ports, user_id, shown()).at == NOW
    assert spend(ports, user_id, shown()) == Refusal(Reason.CODE_REPLAYED)
    assert spend(ports, user_id, shown(), NOW - 30) == Refusal(Reason.CODE_REPLAYED)


@pytest.mark.parametrize("code", ["", "  "])
def test_no_code_is_no_attempt(database, code):
    user_id = settle_in(database)
    give_phone(database, user_id)

    assert spend(stored_codes(database), user_id, code) == Refusal(Reason.CODE_MISSING)
    assert failures_of(database) == [0]


@pytest.mark.parametrize("code", ["12ab56", "1", "12345678", "٣٣٣٣٣٣", "1" * 5000])
def test_what_is_no_code_is_a_failure_too(database, code):
    user_id = settle_in(database)
    give_phone(database, user_id)

    assert spend(stored_codes(database), user_id, code) == Refusal(Reason.WRONG_CODE)
    assert failures_of(database) == [1]


def test_after_five_wrong_codes_the_right_one_has_to_wait(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    ports = stored_codes(database)
    for _ in range(5):
        assert spend(ports, user_id, wrong()) == Refusal(Reason.WRONG_CODE)

    assert spend(ports, user_id, shown()) == Refusal(Reason.CODE_THROTTLED)

    later = NOW + 61
    assert spend(ports, user_id, shown(now=later), later).at == later
    assert failures_of(database) == [0]


def test_wrong_codes_shut_out_neither_recovery_codes_nor_other_people(database):
    user_id, other = settle_in(database), settle_in(database, "mina.park")
    give_phone(database, user_id)
    give_phone(database, other, SECOND_PHONE)
    printed = print_codes(database, user_id)
    ports = stored_codes(database)
    for _ in range(6):
        spend(ports, user_id, wrong())

    assert spend(ports, other, shown(SECOND_PHONE)).at == NOW
    assert spend(ports, user_id, printed[0]).at == NOW


def test_wrong_recovery_codes_do_not_shut_out_the_phone(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    print_codes(database, user_id)
    ports = stored_codes(database)
    answers = [spend(ports, user_id, "0000-0000-0000-0000") for _ in range(6)]

    assert answers == [Refusal(Reason.WRONG_CODE)] * 5 + [Refusal(Reason.CODE_THROTTLED)]
    assert failures_of(database) == [0]
    assert spend(ports, user_id, shown()).at == NOW


def test_a_recovery_code_is_accepted_once_however_it_is_typed(database):
    user_id = settle_in(database)
    printed = print_codes(database, user_id)
    ports = stored_codes(database)

    assert spend(ports, user_id, printed[0].replace("-", " ")).at == NOW
    assert spend(ports, user_id, printed[0]) == Refusal(Reason.CODE_REPLAYED)
    assert spend(ports, user_id, printed[1]).at == NOW


def test_recovery_codes_outlive_a_change_of_keys(database):
    user_id = settle_in(database)
    printed = print_codes(database, user_id)
    rotated = stored_codes(database, Keyring(KEYRING.keys, current="second"))

    assert rotated.code_key() != stored_codes(database).code_key()
    assert spend(rotated, user_id, printed[0]).at == NOW


def test_recovery_codes_of_a_key_that_is_gone_prove_nothing(database):
    user_id = settle_in(database)
    printed = print_codes(database, user_id)
    without = stored_codes(database, Keyring({"second": KEYRING.keys["second"]}, current="second"))

    assert spend(without, user_id, printed[0]) == Refusal(Reason.CODE_UNPROVABLE)


def test_either_of_two_phones_will_do_and_the_other_is_not_blamed(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    give_phone(database, user_id, SECOND_PHONE)

    assert spend(stored_codes(database), user_id, shown(SECOND_PHONE)).at == NOW
    assert failures_of(database) == [0, 0]


def test_a_code_that_fits_two_phones_is_spent_on_both(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    give_phone(database, user_id)
    ports = stored_codes(database)

    assert spend(ports, user_id, shown()).at == NOW
    assert spend(ports, user_id, shown()) == Refusal(Reason.CODE_REPLAYED)


def test_a_wrong_code_counts_against_every_phone_it_was_tried_on(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    give_phone(database, user_id, SECOND_PHONE)
    code = next(code for code in ("000000", "111111", "222222") if code not in {shown(), shown(SECOND_PHONE)})

    assert spend(stored_codes(database), user_id, code) == Refusal(Reason.WRONG_CODE)
    assert failures_of(database) == [1, 1]


@pytest.mark.parametrize("state", [State.PENDING, State.REVOKED])
def test_only_an_active_token_counts(database, state):
    user_id = settle_in(database)
    give_phone(database, user_id, state=state)

    assert spend(stored_codes(database), user_id, shown()) == Refusal(Reason.NO_TOKEN)


def test_the_code_of_another_person_is_wrong(database):
    user_id, other = settle_in(database), settle_in(database, "mina.park", "namsan")
    give_phone(database, user_id)
    give_phone(database, other, SECOND_PHONE)
    ports = stored_codes(database)

    assert spend(ports, user_id, shown(SECOND_PHONE)) == Refusal(Reason.WRONG_CODE)
    assert spend(ports, user_id, print_codes(database, other)[0]) == Refusal(Reason.WRONG_CODE)


def test_a_seed_moved_in_from_another_company_proves_nothing(database):
    user_id, other = settle_in(database), settle_in(database, "mina.park", "namsan")
    give_phone(database, user_id)
    give_phone(database, other, SECOND_PHONE)
    with database.write() as conn:
        stolen = conn.execute(select(tokens.c.secret).where(tokens.c.user_id == other)).scalar_one()
        conn.execute(update(tokens).where(tokens.c.user_id == user_id).values(secret=stolen))

    assert spend(stored_codes(database), user_id, shown(SECOND_PHONE)) == Refusal(Reason.CODE_UNPROVABLE)


@pytest.mark.parametrize("code", ["123456", "1234-5678-9012-3456"])
def test_nobody_has_no_code(database, code):
    assert spend_code(stored_codes(database), None, code, NOW) == Refusal(Reason.WRONG_CODE)


def test_an_invitation_is_spent_once(database):
    user = user_of(settle_in(database))
    code = invite(database, user.id)
    ports = stored_codes(database)

    assert spend_registration(ports, user, code, NOW).at == NOW
    assert spend_registration(ports, user, code, NOW) == Refusal(Reason.CODE_REPLAYED)


@pytest.mark.parametrize(
    ("code", "now", "reason"),
    [
        (None, NOW + 72 * 3600 - 1, None),
        (None, NOW + 72 * 3600, Reason.REGISTRATION_REQUIRED),
        ("0000-0000-0000", NOW, Reason.WRONG_CODE),
        ("not a code", NOW, Reason.WRONG_CODE),
        (" ", NOW, Reason.CODE_MISSING),
    ],
)
def test_an_invitation_is_good_for_three_days(database, code, now, reason):
    user = user_of(settle_in(database))
    invited = invite(database, user.id)

    answer = spend_registration(stored_codes(database), user, code or invited, now)

    assert answer == (Refusal(reason) if reason else Spent(now, "registration", Origin.REGISTRATION))


def test_ten_wrong_registration_codes_end_the_invitation(database):
    user = user_of(settle_in(database))
    code = invite(database, user.id)
    ports = stored_codes(database)
    for _ in range(10):
        spend_registration(ports, user, "0000-0000-0000", NOW)

    assert spend_registration(ports, user, code, NOW) == Refusal(Reason.CODE_THROTTLED)
    assert failures_of(database, attempts) == [10]


def test_the_invitation_of_another_person_is_wrong(database):
    mine, theirs = user_of(settle_in(database)), user_of(settle_in(database, "mina.park"))
    code = invite(database, theirs.id)

    assert spend_registration(stored_codes(database), mine, code, NOW) == Refusal(Reason.WRONG_CODE)


def test_what_cannot_be_written_down_is_not_told(database, tmp_path):
    user_id = settle_in(database)
    give_phone(database, user_id)
    nowhere = Database(f"sqlite:///{tmp_path}/no/such/folder/gate.sqlite", tmp_path / "other.lock")
    ports = StoredCodes(nowhere, KEYRING, Dice())

    assert spend(ports, user_id, shown()) == Refusal(Reason.CODE_UNPROVABLE)
    assert spend_registration(ports, user_of(user_id), "1", NOW) == Refusal(Reason.CODE_UNPROVABLE)


class Slower(StoredCodes):
    """Loses every race: somebody else writes between reading and writing."""

    rounds = 0

    def settle_tokens(self, settled, at, event=None):
        self.be_faster()
        return super().settle_tokens(settled, at, event)

    def settle_tries(self, settled, issued, at, event=None):
        self.be_faster()
        return super().settle_tries(settled, issued, at, event)

    def be_faster(self):
        Slower.rounds += 1
        with self.database.write() as conn:
            conn.execute(update(tokens).values(version=tokens.c.version + 1))


def test_a_race_that_is_always_lost_ends_and_tells_nothing(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    Slower.rounds = 0

    right = spend(Slower(database, KEYRING, Dice()), user_id, shown())
    false = spend(Slower(database, KEYRING, Dice()), user_id, wrong())

    assert right == false == Refusal(Reason.CODE_UNPROVABLE)
    assert Slower.rounds == 2 * ROUNDS
    assert spend(stored_codes(database), user_id, shown()).at == NOW

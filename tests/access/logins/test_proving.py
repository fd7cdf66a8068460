"""Proofs that a worker judges by itself, at the doors of tests.access.doors."""

import hashlib
from dataclasses import replace

import pytest

from access.directory.mschap import MschapAnswer, Source
from access.directory.verdict import PasswordOutcome
from access.logins.login_ports import UnknownNas
from access.logins.proving import PROOF_S, UserKey, user_key
from access.model import Reason
from access.proof.network_password import NetworkPassword, generate, seal
from radius.facts import Facts
from radius.mschap import key_of, nt_hash, nt_response
from radius.questions import (
    ChapExchange,
    CheckChap,
    CheckMschap,
    CheckPassword,
    CheckResumption,
    Granted,
    MschapExchange,
    MschapRight,
    PasswordRight,
    Refused,
)
from tests.access.doors import KIM, NOW, SWITCH, VPN, Doors
from tests.access.residents import KEYRING, Dice

PASSWORD, OTHER = (generate(Dice(seed)) for seed in (11, 12))
RANDOMISED = "02:00:5e:00:53:01"
LAPTOP = "00:00:5e:00:53:42"
CHALLENGE = bytes(range(16))


def known(password_id=31, password=PASSWORD, user_id=7, **more):
    place = (f"b{password_id}", user_id, 1)
    sealed = seal(password, place, KEYRING, Dice(password_id))
    return NetworkPassword(password_id, user_id, 1, place[0], sealed, **more)


class Hall(Doors):
    """Doors before which people have network passwords."""

    def __init__(self, *passwords):
        super().__init__()
        self.memory.put_passwords(7, passwords or (known(),))

    def ask(self, question):
        return self.logins.ask_memory(question, self.now)

    def typed(self, password=PASSWORD, nas=SWITCH, endpoint=LAPTOP):
        return self.ask(CheckPassword(str(nas.id), "minjun.kim", password, endpoint))

    def chap(self, password=PASSWORD, identifier=7, endpoint=LAPTOP, name="minjun.kim", nas=SWITCH):
        hashed = hashlib.md5(bytes((identifier,)) + password.encode() + CHALLENGE).digest()
        return self.ask(CheckChap(str(nas.id), name, ChapExchange(identifier, CHALLENGE, hashed), endpoint))

    def mschap(self, password=PASSWORD, endpoint=LAPTOP, name="minjun.kim", nas=SWITCH):
        exchange = MschapExchange(name.encode(), CHALLENGE, CHALLENGE[::-1], b"")
        exchange = replace(exchange, response=nt_response(exchange, nt_hash(password)))
        return self.ask(CheckMschap(str(nas.id), name, exchange, endpoint))

    def elsewhere(self):
        exchange = MschapExchange(b"minjun.kim", CHALLENGE, CHALLENGE[::-1], bytes(24))
        return self.logins.ask_world(CheckMschap(str(SWITCH.id), "minjun.kim", exchange, LAPTOP), self.now)

    def resume(self, right, endpoint=LAPTOP):
        return self.ask(CheckResumption(str(SWITCH.id), right.user, "minjun.kim", right.ticket, endpoint))

    def come_in(self, right, station=LAPTOP, **more):
        facts = Facts(calling_station=station, nas_port_id="Gi1/0/3")
        return self.authorize(user=right.user, facts=facts, **more)


def reason_of(refused):
    assert isinstance(refused, Refused), refused
    return refused.record["entry"]["reason"]


def test_a_network_password_needs_no_directory():
    hall = Hall()

    right = hall.typed()

    assert isinstance(right, PasswordRight)
    assert user_key(right.user) == UserKey(7, 31)
    assert hall.ports.asked == []


def test_a_password_of_the_directory_is_asked_for_there():
    assert Hall().typed("right horse") is None


def test_what_looks_like_a_network_password_is_never_sent_to_a_directory():
    hall = Hall()

    assert reason_of(hall.typed(OTHER)) == Reason.NETWORK_PASSWORD_ENDED
    assert hall.ports.asked == []


def test_that_of_another_person_opens_nothing():
    hall = Hall(replace(known(user_id=8), user_id=7))

    assert reason_of(hall.typed()) == Reason.NETWORK_PASSWORD_ENDED


def test_at_a_vpn_it_is_worth_nothing():
    assert Hall().typed(nas=VPN) is None
    assert reason_of(Hall().mschap(nas=VPN)) == Reason.METHOD_NOT_ALLOWED
    assert reason_of(Hall().chap(nas=VPN)) == Reason.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("method", ["typed", "chap", "mschap"])
def test_any_of_several_is_right(method):
    hall = Hall(known(), known(32, OTHER))

    right = getattr(hall, method)(OTHER)

    assert user_key(right.user) == UserKey(7, 32)


def test_a_response_of_mschap_gives_the_key():
    right = Hall().mschap()

    assert isinstance(right, MschapRight)
    assert right.key == key_of(nt_hash(PASSWORD))


@pytest.mark.parametrize("method", ["chap", "mschap"])
def test_a_wrong_response_is_a_wrong_password(method):
    assert reason_of(getattr(Hall(), method)(OTHER)) == Reason.WRONG_PASSWORD


@pytest.mark.parametrize("method", ["chap", "mschap"])
def test_who_has_none_is_told_that_the_method_needs_one(method):
    hall = Hall(known(valid_until=NOW))

    assert reason_of(getattr(hall, method)()) == Reason.METHOD_NEEDS_NETWORK_PASSWORD


def test_a_response_to_another_identifier_is_wrong():
    hall = Hall()
    hashed = hashlib.md5(b"\x07" + PASSWORD.encode() + CHALLENGE).digest()

    replayed = hall.ask(CheckChap(str(SWITCH.id), "minjun.kim", ChapExchange(8, CHALLENGE, hashed), LAPTOP))

    assert reason_of(replayed) == Reason.WRONG_PASSWORD


@pytest.mark.parametrize("method", ["typed", "chap", "mschap"])
def test_somebody_disabled_is_refused(method):
    hall = Hall()
    hall.memory.put_user(7, replace(KIM, enabled=False))

    assert reason_of(getattr(hall, method)()) == Reason.USER_DISABLED


def test_an_unknown_name_is_refused():
    assert reason_of(Hall().chap(name="nobody")) == Reason.UNKNOWN_USER


def test_one_that_does_not_open_proves_nothing():
    assert reason_of(Hall(replace(known(), binding="moved")).typed()) == Reason.NETWORK_PASSWORD_ENDED


def test_its_first_endpoint_is_its_only_one():
    hall = Hall()
    assert isinstance(hall.come_in(hall.typed(endpoint=LAPTOP)), Granted)

    assert isinstance(hall.typed(endpoint=LAPTOP), PasswordRight)
    assert reason_of(hall.typed(endpoint="00:00:5e:00:53:43")) == Reason.NETWORK_PASSWORD_ELSEWHERE
    assert reason_of(hall.typed(endpoint=RANDOMISED)) == Reason.NETWORK_PASSWORD_ELSEWHERE


def test_an_endpoint_that_was_refused_is_not_its_first():
    hall = Hall()
    right = hall.typed(endpoint=LAPTOP)
    hall.memory.policy = None
    assert isinstance(hall.come_in(right), Refused)

    assert isinstance(hall.typed(endpoint="00:00:5e:00:53:43"), PasswordRight)


def test_a_randomised_address_binds_nothing():
    hall = Hall()
    hall.come_in(hall.typed(endpoint=RANDOMISED), station=RANDOMISED)

    assert isinstance(hall.typed(endpoint="06:00:5e:00:53:02"), PasswordRight)


def test_two_endpoints_that_race_to_be_the_first_do_not_both_come_in():
    hall = Hall()
    first, second = hall.typed(endpoint=LAPTOP), hall.typed(endpoint="00:00:5e:00:53:43")
    assert isinstance(hall.come_in(first), Granted)

    assert reason_of(hall.come_in(second, "00:00:5e:00:53:43")) == Reason.NETWORK_PASSWORD_ELSEWHERE


def test_one_revoked_between_the_proof_and_the_decision_is_refused():
    hall = Hall()
    right = hall.typed()
    hall.memory.put_passwords(7, ())

    assert reason_of(hall.come_in(right)) == Reason.NETWORK_PASSWORD_ENDED


def test_a_session_does_not_outlast_it_and_says_which_it_was():
    hall = Hall(known(valid_until=NOW + 600))

    granted = hall.come_in(hall.typed())

    assert granted.record["network_password"] == 31
    assert granted.record["valid_until"] == NOW + 600
    assert granted.record["where"] == "switch Gi1/0/3"


def test_a_resumed_session_goes_on_with_the_same_proof():
    hall = Hall()
    right = hall.mschap()
    hall.now += 60

    again = hall.resume(right)

    assert (again.user, again.ticket) == (right.user, right.ticket)


def revoke(hall):
    hall.memory.put_passwords(7, ())


def bind_elsewhere(hall):
    hall.memory.put_passwords(7, (known(endpoint="00-00-5e-00-53-43"),))


def disable(hall):
    hall.memory.put_user(7, replace(KIM, enabled=False))


def leave(hall):
    hall.memory.put_user(7, None)


def wait(hall):
    hall.now += PROOF_S + 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (revoke, Reason.NETWORK_PASSWORD_ENDED),
        (bind_elsewhere, Reason.NETWORK_PASSWORD_ELSEWHERE),
        (disable, Reason.USER_DISABLED),
        (leave, Reason.UNKNOWN_USER),
        (wait, Reason.PROOF_OUTDATED),
    ],
)
def test_a_proof_that_stands_no_longer_is_not_resumed(change, reason):
    hall = Hall()
    right = hall.typed()
    change(hall)

    assert reason_of(hall.resume(right)) == reason


def test_a_password_changed_in_the_directory_ends_what_it_has_proven():
    hall = Hall()
    right = hall.password()
    assert isinstance(hall.resume(right), PasswordRight)
    hall.memory.put_user(7, replace(KIM, password_changed_at=NOW - 5))

    assert reason_of(hall.resume(right)) == Reason.PROOF_OUTDATED


def test_it_does_not_end_what_a_network_password_has_proven():
    hall = Hall()
    right = hall.typed()
    hall.memory.put_user(7, replace(KIM, password_changed_at=NOW - 5))

    assert isinstance(hall.resume(right), PasswordRight)


@pytest.mark.parametrize("forged", ["", "soon", "99999999999 ", "-1 "])
def test_a_ticket_that_says_nothing_of_ours_is_not_resumed(forged):
    hall = Hall()

    assert reason_of(hall.resume(replace(hall.typed(), ticket=forged))) == Reason.PROOF_OUTDATED


def test_a_nas_that_is_gone_is_answered_by_nobody():
    hall = Hall()
    hall.memory.put_clients([])

    with pytest.raises(UnknownNas):
        hall.typed()


def sources(*named):
    return frozenset(map(Source, named))


@pytest.mark.parametrize(
    ("named", "answered"),
    [
        (["network-password"], Reason.METHOD_NEEDS_NETWORK_PASSWORD),
        ([], Reason.METHOD_NOT_ALLOWED),
        (["network-password", "ntlm_auth"], None),
        (["sambaNTPassword"], None),
    ],
)
def test_who_has_no_network_password_is_asked_about_where_hashes_are_kept(named, answered):
    hall = Hall()
    hall.memory.put_passwords(7, ())
    hall.ports.sources = sources(*named)

    outcome = hall.mschap()

    assert outcome is None if answered is None else reason_of(outcome) == answered


def test_a_company_may_keep_network_passwords_out_of_mschapv2():
    hall = Hall()
    hall.ports.sources = sources("ntlm_auth")

    assert hall.mschap() is None


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (PasswordOutcome.WRONG, Reason.WRONG_PASSWORD),
        (PasswordOutcome.NO_HASH, Reason.NO_NT_HASH),
        (PasswordOutcome.LOCKED, Reason.ACCOUNT_LOCKED),
        (PasswordOutcome.MUST_CHANGE, Reason.PASSWORD_MUST_CHANGE),
        (PasswordOutcome.DISABLED, Reason.USER_DISABLED),
        (PasswordOutcome.UNAVAILABLE, Reason.DIRECTORY_UNAVAILABLE),
    ],
)
def test_what_is_said_of_a_response_elsewhere_is_the_reason(said, reason):
    hall = Hall()
    hall.ports.said = MschapAnswer(said)

    assert reason_of(hall.elsewhere()) == reason


def test_a_response_that_is_right_elsewhere_gives_the_key_from_there():
    hall = Hall()
    hall.ports.said = MschapAnswer(PasswordOutcome.RIGHT, b"k" * 16)

    right = hall.elsewhere()

    assert (right.user, right.key) == ("7", b"k" * 16)
    assert isinstance(hall.resume(right), PasswordRight)


def test_guessing_by_mschapv2_is_slowed_down_as_well():
    hall = Hall()
    hall.ports.said = MschapAnswer(PasswordOutcome.WRONG)

    reasons = [reason_of(hall.elsewhere()) for _ in range(8)]

    assert Reason.PASSWORD_THROTTLED in reasons
    assert len(hall.ports.asked) < 8


def test_an_endpoint_from_which_many_wrong_passwords_came_resumes_nothing():
    hall = Hall()
    right = hall.password(endpoint=LAPTOP)
    for number in range(6):
        hall.password(f"wrong {number}", endpoint=LAPTOP)

    assert reason_of(hall.resume(right)) == Reason.PASSWORD_THROTTLED
    hall.now += 3600
    assert isinstance(hall.resume(right), PasswordRight)

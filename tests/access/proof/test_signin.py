from dataclasses import replace

import pytest

from access.directory.verdict import PasswordOutcome
from access.model import Reason, Role
from access.proof.authentication import Refusal
from access.proof.enrolment import revoke
from access.proof.password_memory import PasswordMemory
from access.proof.signin import (
    Attempt,
    Due,
    Opened,
    current,
    give_code,
    give_registration,
    roles_of,
    sign_out,
    start,
)
from access.proof.throttle import PasswordThrottle
from access.proof.web_session import IDLE_S, SessionState
from access.store import audit
from access.store.audit import Selection
from access.store.passkey_desk import StoredPasskeyDesk
from tests.access.newcomers import ADDRESS, PASSWORD, ROLE_GROUPS, Office, OneDirectory
from tests.access.residents import KEYRING, NOW, Dice, give_phone, settle_in, shown, wrong
from tests.access.two_companies import ADMINS as TWO_ROLES
from tests.access.two_companies import TwoCompanies

LATER = NOW + 300


@pytest.fixture
def office(database) -> Office:
    return Office(database)


def test_a_right_password_asks_somebody_with_a_phone_for_its_code(office):
    give_phone(office.database, office.user_id)

    opened = office.sign_in()

    assert isinstance(opened, Opened)
    assert opened.due is Due.CODE
    assert opened.session.state is SessionState.PASSWORD


def test_a_right_password_asks_somebody_without_a_phone_for_a_registration_code(office):
    assert office.sign_in().due is Due.REGISTRATION


@pytest.mark.parametrize("login", ["minjun.kim@hangang", "minjun.kim@hangang.example", "MinJun.Kim@HANGANG"])
def test_a_name_may_be_written_with_the_realm_or_the_company(office, login):
    assert isinstance(office.sign_in(login=login), Opened)


@pytest.mark.parametrize(
    ("login", "password", "reason"),
    [
        ("minjun.kim@hangang", "wrong", Reason.WRONG_PASSWORD),
        ("minjun.kim@hangang", "", Reason.EMPTY_PASSWORD),
        ("nobody@hangang", PASSWORD, Reason.UNKNOWN_USER),
        ("minjun.kim@nowhere", PASSWORD, Reason.UNKNOWN_USER),
        ("minjun.kim", PASSWORD, Reason.UNKNOWN_USER),
        ("*)(uid=*", PASSWORD, Reason.UNKNOWN_USER),
        ("", PASSWORD, Reason.UNKNOWN_USER),
        ("x" * 5000, PASSWORD, Reason.UNKNOWN_USER),
    ],
)
def test_an_outsider_gets_one_answer_and_the_audit_the_true_one(office, login, password, reason):
    answer = start(office.ports, Attempt(login, password, ADDRESS), NOW)

    assert answer == Refusal(Reason.WRONG_PASSWORD)
    assert office.audited() == [("sign-in", reason.value)]


def test_somebody_disabled_looks_like_a_wrong_password(office):
    office.disable()

    assert office.sign_in() == Refusal(Reason.WRONG_PASSWORD)
    assert office.audited() == [("sign-in", "USER_DISABLED")]


TOLD = [
    (PasswordOutcome.EXPIRED, Reason.PASSWORD_EXPIRED),
    (PasswordOutcome.MUST_CHANGE, Reason.PASSWORD_MUST_CHANGE),
]


@pytest.mark.parametrize(("says", "reason"), TOLD)
def test_whoever_guesses_is_never_told_of_an_old_password(office, says, reason):
    office.directory.says = says

    assert office.sign_in("wrong") == Refusal(Reason.WRONG_PASSWORD)
    assert office.sign_in(login="nobody@hangang") == Refusal(Reason.WRONG_PASSWORD)


@pytest.mark.parametrize(("says", "reason"), TOLD)
def test_a_disabled_account_is_not_told_apart_by_an_old_password(office, says, reason):
    office.disable()
    office.directory.says = says

    assert office.sign_in() == Refusal(Reason.WRONG_PASSWORD)


@pytest.mark.parametrize("password", ["wrong", PASSWORD])
def test_a_locked_account_is_nobodys_to_find_out_at_the_door(office, password):
    office.directory.says = PasswordOutcome.LOCKED

    assert office.sign_in(password) == Refusal(Reason.WRONG_PASSWORD)
    assert office.audited() == [("sign-in", "ACCOUNT_LOCKED")]


@pytest.mark.parametrize(("says", "reason"), TOLD)
def test_the_owner_is_told_that_the_password_has_to_be_changed(office, says, reason):
    office.directory.says = says

    assert office.sign_in() == Refusal(reason)
    assert office.audited() == [("sign-in", reason.value)]


def test_a_name_nobody_has_is_asked_of_the_directory_all_the_same(office):
    office.sign_in(login="nobody@hangang")
    office.sign_in("wrong")

    assert [user.name if user else None for user in office.directory.asked] == [None, office.name]


def test_a_stranger_elsewhere_does_not_lock_the_owner_out(office):
    office.sign_in()
    for number in range(40):
        for _ in range(6):
            start(office.ports, Attempt(office.login, "guess", f"198.51.100.{number}"), NOW)

    refused = start(office.ports, Attempt(office.login, PASSWORD, "198.51.100.99"), NOW)

    assert refused.reason is Reason.PASSWORD_THROTTLED
    assert refused.wait_s > 0
    assert isinstance(office.sign_in(), Opened)


def test_what_the_throttle_stops_is_not_written_down(office):
    for number in range(20):
        office.sign_in(f"guess {number}")
        office.sign_in(f"guess {number}")

    assert len(office.audited()) == 5


def test_a_directory_that_is_away_says_so_for_every_name(office):
    office.directory.up = False

    assert office.sign_in() == office.sign_in(login="nobody@hangang") == Refusal(Reason.DIRECTORY_UNAVAILABLE)


def test_a_password_alone_opens_nothing(office):
    office.join("it-admins")
    give_phone(office.database, office.user_id)

    assert office.with_password().roles == frozenset()


def test_a_right_code_signs_in_under_a_new_cookie_and_the_old_one_is_worth_nothing(office):
    give_phone(office.database, office.user_id)
    before = office.sign_in()

    after = give_code(office.ports, office.visitor(before), shown(), NOW)

    assert after.due is Due.NOTHING
    assert after.cookie != before.cookie
    assert current(office.ports, before.cookie, NOW) is None
    assert office.visitor(after).roles == {Role.EMPLOYEE}


def test_the_cookie_is_not_in_what_gets_logged(office):
    opened = office.sign_in()

    assert opened.cookie not in repr(opened)
    assert PASSWORD not in repr(Attempt("kim", PASSWORD, ADDRESS))


def test_a_wrong_code_leaves_the_session_where_it_is(office):
    give_phone(office.database, office.user_id)
    before = office.sign_in()

    assert give_code(office.ports, office.visitor(before), wrong(), NOW) == Refusal(Reason.WRONG_CODE)
    assert office.visitor(before).due is Due.CODE
    assert office.audited()[-1] == ("sign-in", "WRONG_CODE")


def test_the_code_of_another_person_does_not_sign_in(office):
    give_phone(office.database, office.user_id)
    other = settle_in(office.database, "mina.park")
    give_phone(office.database, other, b"another twenty octets")

    answer = give_code(office.ports, office.with_password(), shown(b"another twenty octets"), NOW)

    assert answer == Refusal(Reason.WRONG_CODE)


def test_a_code_seen_over_a_shoulder_does_not_sign_in_again(office):
    give_phone(office.database, office.user_id)
    give_code(office.ports, office.with_password(), shown(), NOW)

    assert give_code(office.ports, office.with_password(), shown(), NOW) == Refusal(Reason.CODE_REPLAYED)


def test_of_two_codes_given_in_one_session_the_second_finds_it_gone(office):
    give_phone(office.database, office.user_id)
    visitor = office.with_password()
    give_code(office.ports, visitor, shown(), NOW)

    again = give_code(office.ports, visitor, shown(now=LATER), LATER)

    assert again == Refusal(Reason.CONVERSATION_EXPIRED)


def test_recovery_codes_alone_ask_for_a_code(office):
    _, proven = office.enrolled()
    lost = office.ports.factors(office.user_id).tokens[0].id
    revoke(office.ports, office.user, lost, "minjun.kim", NOW)

    opened = office.sign_in(now=LATER)

    assert opened.due is Due.CODE
    visitor = office.visitor(opened, LATER)
    assert isinstance(give_code(office.ports, visitor, proven.recovery_codes[0], LATER), Opened)


def test_a_registration_code_leads_to_enrolment_and_to_no_role(office):
    office.join("it-admins")

    visitor = office.enrolling()

    assert visitor.due is Due.ENROLMENT
    assert visitor.roles == frozenset()
    assert visitor.session.code_at is None


def test_a_registration_code_needs_the_password_first(office):
    phone, _ = office.enrolled()
    code = office.invited()
    signed_in = office.signed_in(phone, LATER)

    assert give_registration(office.ports, signed_in, code, LATER) == Refusal(Reason.CONVERSATION_EXPIRED)


def test_a_registration_code_of_somebody_else_leads_nowhere(office):
    other = Office(office.database, name="mina.park")
    code = other.invited()

    assert give_registration(office.ports, office.with_password(), code, NOW) == Refusal(Reason.WRONG_CODE)


def test_a_registration_code_is_no_code_for_signing_in(office):
    give_phone(office.database, office.user_id)
    code = office.invited()

    assert give_code(office.ports, office.with_password(), code, NOW) == Refusal(Reason.WRONG_CODE)


def test_someone_enrolling_cannot_sign_in_by_code(office):
    visitor = office.enrolling()
    give_phone(office.database, office.user_id)

    assert give_code(office.ports, visitor, shown(), NOW) == Refusal(Reason.NO_TOKEN)


def test_roles_come_from_the_groups_of_this_moment(office):
    office.join("it-admins")
    phone, _ = office.enrolled()
    opened = give_code(office.ports, office.with_password(LATER), phone.shows(LATER), LATER)
    assert office.visitor(opened, LATER).roles == {Role.EMPLOYEE, Role.ADMIN}

    office.leave_all_groups()

    assert office.visitor(opened, LATER).roles == {Role.EMPLOYEE}


def test_a_role_above_employee_takes_a_proven_code(office):
    office.join("it-admins")
    phone, _ = office.enrolled()
    visitor = office.signed_in(phone, LATER)
    without = replace(visitor.session, code_at=None)

    assert roles_of(visitor.user, visitor.session, ROLE_GROUPS) == {Role.EMPLOYEE, Role.ADMIN}
    assert roles_of(visitor.user, without, ROLE_GROUPS) == {Role.EMPLOYEE}


def test_a_group_of_that_name_in_another_company_gives_no_role(office):
    office.join("it-admins")
    phone, _ = office.enrolled()
    visitor = office.signed_in(phone, LATER)
    elsewhere = {Role.ADMIN: frozenset({"namsan/it-admins"})}

    assert roles_of(visitor.user, visitor.session, elsewhere) == {Role.EMPLOYEE}


def test_who_is_disabled_is_out_with_the_next_click(office):
    phone, _ = office.enrolled()
    opened = give_code(office.ports, office.with_password(LATER), phone.shows(LATER), LATER)

    office.disable()

    assert current(office.ports, opened.cookie, LATER) is None


def test_a_session_ends_by_idleness_and_being_used_keeps_it(office):
    phone, _ = office.enrolled()
    opened = give_code(office.ports, office.with_password(LATER), phone.shows(LATER), LATER)
    office.visitor(opened, LATER + IDLE_S - 1)

    office.visitor(opened, LATER + 2 * IDLE_S - 2)

    assert current(office.ports, opened.cookie, LATER + 3 * IDLE_S) is None
    assert current(office.ports, opened.cookie, LATER + 1) is None


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(office):
    phone, _ = office.enrolled()
    opened = give_code(office.ports, office.with_password(LATER), phone.shows(LATER), LATER)
    for minute in range(20, 12 * 60, 20):
        office.visitor(opened, LATER + minute * 60)

    assert current(office.ports, opened.cookie, LATER + 12 * 3600) is None


def test_signing_out_ends_the_cookie(office):
    opened = office.sign_in()

    sign_out(office.ports, office.visitor(opened), NOW)

    assert current(office.ports, opened.cookie, NOW) is None


@pytest.mark.parametrize("cookie", ["", "guess", "x" * 5000, "\udcff"])
def test_a_cookie_nobody_was_given_is_nobody(office, cookie):
    assert current(office.ports, cookie, NOW) is None


def test_a_fresh_code_renews_the_time_in_which_factors_may_change(office):
    phone, _ = office.enrolled()
    visitor = office.signed_in(phone, LATER)
    much_later = LATER + 1200
    assert not visitor.session.fresh(much_later)

    renewed = give_code(office.ports, visitor, phone.shows(much_later), much_later)

    assert renewed.session.fresh(much_later)
    assert renewed.session.valid_until == visitor.session.valid_until


def test_an_employee_signs_in_with_a_remembered_password_and_the_audit_says_so(office):
    office.ports = replace(office.ports, right_passwords=remembering())
    assert isinstance(office.sign_in(), Opened)
    office.directory.up = False

    assert isinstance(office.sign_in(now=LATER), Opened)
    assert office.sign_in("wrong", now=LATER) == Refusal(Reason.DIRECTORY_UNAVAILABLE)
    assert office.sign_in(login="nobody@hangang", now=LATER) == Refusal(Reason.DIRECTORY_UNAVAILABLE)
    with office.database.read() as conn:
        details = [each.detail for each in audit.records(conn, Selection(), KEYRING)[::-1]]
    assert [detail.get("remembered") for detail in details[:2]] == [None, "true"]


def test_who_has_a_role_does_not_sign_in_with_a_remembered_password(office):
    office.join("it-admins")
    office.ports = replace(office.ports, right_passwords=remembering())
    assert isinstance(office.sign_in(), Opened)
    office.directory.up = False

    assert office.sign_in(now=LATER) == Refusal(Reason.DIRECTORY_UNAVAILABLE)


def test_without_a_memory_nobody_signs_in_while_the_directory_is_away(office):
    assert isinstance(office.sign_in(), Opened)
    office.directory.up = False

    assert office.sign_in(now=LATER) == Refusal(Reason.DIRECTORY_UNAVAILABLE)


def remembering() -> PasswordMemory:
    return PasswordMemory(bytes(32), {"hangang": 3600.0}, frozenset().union(*ROLE_GROUPS.values()))


def test_who_has_a_role_at_another_company_does_not_sign_in_with_a_remembered_password(database):
    two, directory = TwoCompanies(database), OneDirectory()
    memory = PasswordMemory(bytes(32), {"hangang": 3600.0, "namsan": 3600.0})
    more = {"role_groups": TWO_ROLES, "right_passwords": memory}
    ports = StoredPasskeyDesk(database, KEYRING, Dice(), "web", PasswordThrottle(), directory.check, **more)
    attempt = Attempt("minjun.kim@hangang", PASSWORD, ADDRESS)
    assert isinstance(start(ports, attempt, NOW), Opened)
    two.linked()
    directory.up = False
    assert isinstance(start(ports, attempt, NOW + 1), Opened)

    two.join("mj.kim", "it-admins")

    assert start(ports, attempt, NOW + 2) == Refusal(Reason.DIRECTORY_UNAVAILABLE)

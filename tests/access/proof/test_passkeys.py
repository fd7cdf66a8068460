"""Registering passkeys and signing in with them, over a real database and an authenticator in software."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import insert, select

from access.errors import Refused
from access.model import Reason, Role
from access.people.person_link import LinkState
from access.proof.authentication import Refusal
from access.proof.ceremonies import user_handle
from access.proof.enrolment import Begun, begin, revoke
from access.proof.factors import Origin
from access.proof.passkey import RelyingParty
from access.proof.passkeys import (
    MOST,
    Added,
    begin_proof,
    begin_registration,
    may_revoke_or_refuse,
    prove,
    register,
    rename_own,
    revoke_own,
)
from access.proof.passkeys import revoke as revoke_for
from access.proof.signin import Due, Opened, give_code
from access.proof.token_desk import Helper
from access.proof.web_session import SessionState
from access.store import alarms
from access.store.tables import notices, person_links
from tests.access.authenticator import USER_PRESENT, Authenticator
from tests.access.newcomers import ADMINS, Office
from tests.access.residents import NOW, Dice, give_phone, shown

PARTY = RelyingParty("gate.hangang.example", "https://gate.hangang.example")
LATER = NOW + 300


@pytest.fixture
def office(database) -> Office:
    """Somebody with a phone."""
    built = Office(database)
    built.ports = replace(built.ports, relying_party=PARTY)
    give_phone(database, built.user_id)
    return built


def strict(office, *roles):
    """The same, with roles that open with a passkey alone."""
    office.ports = replace(office.ports, phishing_resistant=frozenset(roles))
    return office


def neighbour(office):
    """Somebody else of the company, with a phone."""
    other = Office(office.database, name="seoyeon.lee")
    other.ports = replace(other.ports, relying_party=PARTY, random=Dice(2))
    give_phone(office.database, other.user_id)
    return other


def by_code(office, now=NOW):
    """Signed in with the password and a code of the phone."""
    return office.visitor(give_code(office.ports, office.with_password(now), shown(now=now), now), now)


def registered(office, visitor=None, now=NOW, **made):
    """An authenticator whose passkey the office's person has."""
    authenticator = Authenticator(**made)
    visitor = visitor or by_code(office, now)
    options = begin_registration(office.ports, visitor, now)
    assert isinstance(options, str), options
    added = register(office.ports, visitor, authenticator.make(options), " laptop\n", now)
    assert isinstance(added, Added), added
    return authenticator


def signed_in(office, authenticator, now=LATER, visitor=None, **wrong):
    visitor = visitor or office.with_password(now)
    options = begin_proof(office.ports, visitor, now)
    assert isinstance(options, str), options
    return prove(office.ports, visitor, authenticator.sign(options, **wrong), now)


def held(office):
    return office.ports.factors(office.user_id).passkeys


def told(database):
    with database.read() as conn:
        return list(conn.execute(select(notices.c.kind).order_by(notices.c.id)).scalars())


def test_somebody_with_a_fresh_code_registers_one_and_is_told(office):
    registered(office)

    (passkey,) = held(office)
    assert (passkey.nickname, passkey.created_at, passkey.used_at) == ("laptop", NOW, None)
    assert passkey.origin is Origin.HANDOVER
    assert office.audited()[-1] == ("enrolment", "")
    assert "passkey-registered" in told(office.database)


def test_the_next_sign_in_asks_for_it_and_takes_it(office):
    authenticator = registered(office)

    opened = signed_in(office, authenticator)

    assert isinstance(opened, Opened)
    session = opened.session
    assert (session.state, session.code_at, session.code_kind) == (SessionState.SIGNED_IN, LATER, "passkey")
    assert (session.code_origin, opened.due) == ("handover", Due.NOTHING)
    (passkey,) = held(office)
    assert (passkey.used_at, passkey.used_place) == (LATER, "10.1.2.3")


def test_without_a_phone_it_is_what_is_asked_for(office):
    registered(office)
    token_id = office.ports.factors(office.user_id).tokens[0].id
    revoke(office.ports, office.user, token_id, "desk", NOW)

    assert office.with_password().session.state is SessionState.PASSWORD
    assert office.sign_in().due is Due.CODE


def test_one_is_asked_for_again_before_a_change_and_makes_the_session_fresh(office):
    authenticator = registered(office)
    visitor = office.visitor(signed_in(office, authenticator), LATER)

    again = signed_in(office, authenticator, LATER + 900, visitor)

    assert isinstance(again, Opened) and again.session.fresh(LATER + 900)
    assert again.session.id != visitor.session.id


def test_with_a_password_alone_nobody_registers_one(office):
    visitor = office.with_password()

    assert begin_registration(office.ports, visitor, NOW) == Refusal(Reason.REGISTRATION_REQUIRED)
    assert register(office.ports, visitor, "{}", "", NOW) == Refusal(Reason.REGISTRATION_REQUIRED)


def test_a_code_of_more_than_ten_minutes_ago_is_not_enough(office):
    visitor = by_code(office)

    assert begin_registration(office.ports, visitor, NOW + 600) == Refusal(Reason.CODE_MISSING)
    assert register(office.ports, visitor, "{}", "", NOW + 600) == Refusal(Reason.CODE_MISSING)


def test_with_a_registration_code_it_is_the_first_factor_and_brings_recovery_codes(office):
    visitor = office.enrolling()
    options = begin_registration(office.ports, visitor, NOW)

    added = register(office.ports, visitor, Authenticator().make(options), "", NOW)

    assert isinstance(added, Added) and added.opened is not None
    session = added.opened.session
    assert (session.state, session.code_kind) == (SessionState.SIGNED_IN, "passkey")
    assert session.code_origin == "registration"
    assert len(added.recovery_codes) == 10
    assert office.ports.factors(office.user_id).recovery_left == 10
    assert office.ports.web_session(visitor.session.id) is None


def test_another_one_brings_no_recovery_codes_and_leaves_the_session(office):
    visitor = by_code(office)
    options = begin_registration(office.ports, visitor, NOW)

    assert register(office.ports, visitor, Authenticator().make(options), "", NOW) == Added()
    assert office.ports.web_session(visitor.session.id) is not None


def test_what_somebody_has_cannot_be_made_again(office):
    authenticator = registered(office)
    asked = json.loads(begin_registration(office.ports, by_code(office, NOW + 30), NOW + 30))

    assert len(asked["excludeCredentials"]) == 1
    visitor = by_code(office, NOW + 60)
    options = begin_registration(office.ports, visitor, NOW + 60)
    answer = register(office.ports, visitor, authenticator.make(options), "", NOW + 60)
    assert answer == Refusal(Reason.PASSKEY_KNOWN)
    assert office.audited()[-1] == ("enrolment", "PASSKEY_KNOWN")


def test_there_is_an_end_to_how_many_somebody_has(office):
    visitor = by_code(office)
    for number in range(MOST):
        registered(office, visitor, credential_id=b"credential %d" % number)

    with pytest.raises(Refused):
        begin_registration(office.ports, visitor, NOW)


def test_an_answer_is_taken_once(office):
    authenticator = registered(office)
    visitor = office.with_password(LATER)
    answer = authenticator.sign(begin_proof(office.ports, visitor, LATER))
    assert isinstance(prove(office.ports, visitor, answer, LATER), Opened)

    assert prove(office.ports, visitor, answer, LATER) == Refusal(Reason.PASSKEY_LATE)
    assert office.audited()[-1] == ("sign-in", "PASSKEY_LATE")


def test_of_many_who_send_the_same_answer_at_once_one_gets_in(office):
    authenticator = registered(office, counts=False)
    visitor = office.with_password(LATER)
    answer = authenticator.sign(begin_proof(office.ports, visitor, LATER))
    together = Barrier(8)

    def send(_number):
        together.wait()
        return prove(office.ports, visitor, answer, LATER)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))

    assert sum(isinstance(each, Opened) for each in answers) == 1
    assert answers.count(Refusal(Reason.PASSKEY_LATE)) == 7


def test_an_answer_of_another_session_is_worth_nothing(office):
    authenticator = registered(office)
    mine, thieves = office.with_password(LATER), office.with_password(LATER)
    answer = authenticator.sign(begin_proof(office.ports, mine, LATER))

    assert prove(office.ports, thieves, answer, LATER) == Refusal(Reason.PASSKEY_LATE)
    begin_proof(office.ports, thieves, LATER)
    assert prove(office.ports, thieves, answer, LATER) == Refusal(Reason.PASSKEY_REFUSED)


def test_a_challenge_lasts_five_minutes(office):
    authenticator = registered(office)
    visitor = office.with_password(LATER)
    answer = authenticator.sign(begin_proof(office.ports, visitor, LATER))

    assert prove(office.ports, visitor, answer, LATER + 300) == Refusal(Reason.PASSKEY_LATE)


def test_a_refused_answer_uses_its_challenge_up(office):
    authenticator = registered(office)
    visitor = office.with_password(LATER)
    options = begin_proof(office.ports, visitor, LATER)

    bad = authenticator.sign(options, origin="https://gate.evil.example")
    assert prove(office.ports, visitor, bad, LATER) == Refusal(Reason.PASSKEY_REFUSED)
    assert prove(office.ports, visitor, authenticator.sign(options), LATER) == Refusal(Reason.PASSKEY_LATE)


@pytest.mark.parametrize(
    "wrong",
    [{"origin": "https://gate.evil.example"}, {"flags": USER_PRESENT}, {"signature": b"no"}],
)
def test_a_wrong_answer_signs_nobody_in_and_stands_in_the_audit(office, wrong):
    authenticator = registered(office)

    assert signed_in(office, authenticator, **wrong) == Refusal(Reason.PASSKEY_REFUSED)
    assert office.audited()[-1] == ("sign-in", "PASSKEY_REFUSED")


def test_a_wrong_registration_is_refused_and_stands_in_the_audit(office):
    visitor = by_code(office)
    options = begin_registration(office.ports, visitor, NOW)
    answer = Authenticator().make(options, flags=USER_PRESENT)

    assert register(office.ports, visitor, answer, "", NOW) == Refusal(Reason.PASSKEY_REFUSED)
    assert office.audited()[-1] == ("enrolment", "PASSKEY_REFUSED")
    assert held(office) == ()


def test_a_passkey_of_somebody_else_signs_nobody_in(office):
    theirs = registered(office)
    other = neighbour(office)
    registered(other, credential_id=b"her own")

    assert signed_in(other, theirs) == Refusal(Reason.PASSKEY_REFUSED)


def test_a_count_that_goes_back_is_refused_with_an_alarm_and_a_word_to_the_owner(office):
    authenticator = registered(office)
    copy = replace(authenticator)
    assert isinstance(signed_in(office, authenticator), Opened)

    assert signed_in(office, copy, LATER + 1) == Refusal(Reason.PASSKEY_CLONED)

    with office.database.read() as conn:
        raised = [(each.kind, each.subject) for each in alarms.listed(conn)]
    assert raised == [("passkey-cloned", "minjun.kim@hangang")]
    assert office.audited()[-1] == ("sign-in", "PASSKEY_CLONED")
    assert told(office.database)[-1] == "passkey-cloned"
    assert isinstance(signed_in(office, authenticator, LATER + 2), Opened)


def test_nobody_raises_the_alarm_without_the_key(office):
    authenticator = registered(office)
    signed_in(office, authenticator)

    assert signed_in(office, authenticator, LATER + 1, count=1, signature=b"x") == Refusal(
        Reason.PASSKEY_REFUSED
    )
    with office.database.read() as conn:
        assert alarms.listed(conn) == []


def test_an_authenticator_that_counts_nothing_is_taken_again_and_again(office):
    authenticator = registered(office, counts=False)

    for number in range(3):
        assert isinstance(signed_in(office, authenticator, LATER + number), Opened)


def test_its_owner_gives_one_up_without_a_code_and_it_counts_no_more(office):
    authenticator = registered(office)
    visitor = by_code(office, LATER)
    passkey_id = held(office)[0].id

    assert revoke_own(office.ports, visitor, passkey_id, LATER + 900)
    assert not revoke_own(office.ports, visitor, passkey_id, LATER + 900)
    assert told(office.database)[-1] == "passkey-removed"
    assert begin_proof(office.ports, office.with_password(LATER + 900), LATER + 900) == Refusal(
        Reason.NO_TOKEN
    )
    assert authenticator.count == 0


def test_one_that_is_revoked_between_question_and_answer_is_refused(office):
    authenticator = registered(office)
    visitor = office.with_password(LATER)
    answer = authenticator.sign(begin_proof(office.ports, visitor, LATER))
    assert revoke_for(office.ports, office.user, None, "desk", LATER) == 1

    assert prove(office.ports, visitor, answer, LATER) == Refusal(Reason.PASSKEY_REFUSED)


def test_the_helpdesk_takes_everything_away_passkeys_as_well(office):
    registered(office)

    revoke(office.ports, office.user, None, "desk", LATER)

    assert held(office) == ()
    assert office.sign_in(now=LATER).due is Due.REGISTRATION


def test_nobody_renames_or_gives_up_with_a_password_alone_or_what_is_somebody_elses(office):
    registered(office)
    passkey_id = held(office)[0].id
    other = neighbour(office)

    for visitor in (office.with_password(LATER), by_code(other, LATER)):
        assert not rename_own(office.ports, visitor, passkey_id, "mine")
        assert not revoke_own(office.ports, visitor, passkey_id, LATER)
    assert rename_own(office.ports, by_code(office, LATER), passkey_id, "key ring")
    assert held(office)[0].nickname == "key ring"


def test_at_an_address_without_passkeys_there_are_none(office):
    visitor = by_code(office)
    office.ports = replace(office.ports, relying_party=None)

    nowhere = Refusal(Reason.PASSKEY_ELSEWHERE)
    assert begin_registration(office.ports, visitor, NOW) == nowhere
    assert register(office.ports, visitor, "{}", "", NOW) == nowhere
    assert begin_proof(office.ports, visitor, NOW) == nowhere
    assert prove(office.ports, visitor, "{}", NOW) == nowhere


def test_a_registration_code_alone_is_no_second_factor(office):
    authenticator = registered(office)
    visitor = office.enrolling(LATER)

    assert begin_proof(office.ports, visitor, LATER) == Refusal(Reason.NO_TOKEN)
    assert prove(office.ports, visitor, "{}", LATER) == Refusal(Reason.NO_TOKEN)
    assert authenticator.count == 0


def test_one_passkey_vouches_for_the_next_but_not_for_more_than_it_stands_for(office):
    first = registered(office, office.enrolling())
    visitor = office.visitor(signed_in(office, first), LATER)

    registered(office, visitor, LATER, credential_id=b"the second")
    assert isinstance(begin(office.ports, visitor, "", LATER), Begun)

    assert [each.origin for each in held(office)] == [Origin.REGISTRATION, Origin.HANDOVER]


def test_a_role_that_takes_a_passkey_opens_with_one_alone(office):
    strict(office, Role.ADMIN).join(ADMINS.partition("/")[2])
    authenticator = registered(office)

    code = by_code(office, LATER)
    passkey = office.visitor(signed_in(office, authenticator, LATER), LATER)

    assert (code.roles, code.held_back) == ({Role.EMPLOYEE}, {Role.ADMIN})
    assert (passkey.roles, passkey.held_back) == ({Role.EMPLOYEE, Role.ADMIN}, frozenset())


def test_other_roles_open_with_a_code_still(office):
    strict(office, Role.HELPDESK).join(ADMINS.partition("/")[2])

    visitor = by_code(office)

    assert (visitor.roles, visitor.held_back) == ({Role.EMPLOYEE, Role.ADMIN}, frozenset())


def test_a_code_that_was_phished_brings_nobody_a_passkey_of_an_administrators(office):
    strict(office, Role.ADMIN).join(ADMINS.partition("/")[2])
    own = registered(office)

    phished = by_code(office, LATER)
    assert begin_registration(office.ports, phished, LATER) == Refusal(Reason.PASSKEY_REQUIRED)
    assert register(office.ports, phished, "{}", "", LATER) == Refusal(Reason.PASSKEY_REQUIRED)

    with_it = office.visitor(signed_in(office, own, LATER), LATER)
    registered(office, with_it, LATER, credential_id=b"the second")
    assert len(held(office)) == 2


def test_a_code_that_was_phished_takes_no_passkey_away_from_an_administrator(office):
    strict(office, Role.ADMIN).join(ADMINS.partition("/")[2])
    own = registered(office)
    passkey_id = held(office)[0].id

    phished = by_code(office, LATER)
    assert revoke_own(office.ports, phished, passkey_id, LATER) == Refusal(Reason.PASSKEY_REQUIRED)
    assert len(held(office)) == 1

    with_it = office.visitor(signed_in(office, own, LATER), LATER)
    assert revoke_own(office.ports, with_it, passkey_id, LATER) is True


@pytest.mark.parametrize(("roles", "may"), [({Role.HELPDESK}, False), ({Role.ADMIN}, True)])
def test_passkeys_that_guard_a_role_are_revoked_by_administrators(office, roles, may):
    strict(office, Role.ADMIN).join(ADMINS.partition("/")[2])
    asked = Helper("desk@hangang", frozenset(roles))

    with nullcontext() if may else pytest.raises(Refused):
        may_revoke_or_refuse(office.ports, asked, office.user)


def test_other_passkeys_are_revoked_by_the_helpdesk(office):
    asked = Helper("desk@hangang", frozenset({Role.HELPDESK}))

    may_revoke_or_refuse(strict(office, Role.ADMIN).ports, asked, office.user)


def link(office, other):
    """Let the two memberships be one person's."""
    with office.database.write() as conn:
        conn.execute(
            insert(person_links).values(
                user_id=office.user_id,
                other_id=other.user_id,
                state=LinkState.LINKED.value,
                proposed_at=NOW,
                proposed_by=office.user_id,
            )
        )


def test_a_passkey_counts_for_both_memberships_of_a_linked_person(office):
    other = neighbour(office)
    authenticator = registered(office)
    assert begin_proof(other.ports, other.with_password(LATER), LATER) == Refusal(Reason.NO_TOKEN)

    link(office, other)

    handle = user_handle(office.user_id)
    assert isinstance(signed_in(other, authenticator, handle=handle), Opened)
    assert [each.nickname for each in held(other)] == ["laptop"]
    assert revoke_own(other.ports, by_code(other, LATER + 30), held(other)[0].id, LATER + 30)
    assert held(office) == ()


def test_a_code_of_the_other_membership_brings_no_passkey_of_an_administrators_either(office):
    strict(office, Role.ADMIN).join(ADMINS.partition("/")[2])
    registered(office)
    other = strict(neighbour(office), Role.ADMIN)
    link(office, other)

    phished = by_code(other, LATER)

    assert begin_registration(other.ports, phished, LATER) == Refusal(Reason.PASSKEY_REQUIRED)

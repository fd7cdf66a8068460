from dataclasses import fields
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import update

from access.model import Reason
from access.proof.authentication import Refusal, spend_code
from access.proof.enrolment import (
    PENDING_S,
    Begun,
    Invited,
    Proof,
    Proven,
    begin,
    invite,
    prove,
    renew_recovery,
    revoke,
    revoke_own,
    unlock,
)
from access.proof.signin import Opened, give_code, give_registration
from access.store.passkey_desk import StoredPasskeyDesk
from access.store.tables import tokens
from access.store.tidying import tidy
from otp.token import State
from tests.access.newcomers import Office, Phone
from tests.access.residents import NOW, changes, give_phone, wrong

LATER = NOW + 300


@pytest.fixture
def office(database) -> Office:
    return Office(database)


def states(office: Office) -> list[State]:
    return [token.state for token in office.ports.factors(office.user_id).tokens]


def test_an_invitation_is_shown_once_and_good_for_three_days(office):
    invited = invite(office.ports, office.user, "helpdesk", NOW)

    assert isinstance(invited, Invited)
    assert invited.valid_until == NOW + 72 * 3600
    assert invited.code not in repr(invited)
    assert office.ports.factors(office.user_id).invited_until == invited.valid_until


def test_nobody_disabled_is_invited(office):
    office.disable()

    assert invite(office.ports, office.user, "helpdesk", NOW) == Refusal(Reason.USER_DISABLED)


def test_a_newer_invitation_ends_the_older(office):
    older, newer = office.invited(), office.invited()

    refused = give_registration(office.ports, office.with_password(), older, NOW)

    assert refused == Refusal(Reason.WRONG_CODE)
    assert isinstance(give_registration(office.ports, office.with_password(), newer, NOW), Opened)


def test_an_expired_invitation_says_that_a_new_one_is_needed(office):
    code = office.invited()
    much_later = NOW + 73 * 3600

    answer = give_registration(office.ports, office.with_password(much_later), code, much_later)

    assert answer == Refusal(Reason.REGISTRATION_REQUIRED)


def test_a_password_alone_begins_nothing(office):
    visitor = office.with_password()

    assert begin(office.ports, visitor, "", NOW) == Refusal(Reason.REGISTRATION_REQUIRED)
    assert prove(office.ports, visitor, Proof("123456"), NOW) == Refusal(Reason.REGISTRATION_REQUIRED)
    assert states(office) == []


def test_a_password_alone_proves_nothing_somebody_else_began(office):
    phone = Phone.scanning(office, office.enrolling())
    thief = office.with_password()

    answer = prove(office.ports, thief, Proof(phone.shows(NOW)), NOW)

    assert answer == Refusal(Reason.REGISTRATION_REQUIRED)
    assert states(office) == [State.PENDING]


def test_the_link_names_the_company_and_the_person(office):
    begun = office.begun(office.enrolling())

    link = urlsplit(begun.link)
    assert (link.scheme, link.netloc) == ("otpauth", "totp")
    assert link.path == "/Hangang:minjun.kim%40hangang.example"
    assert parse_qs(link.query)["issuer"] == ["Hangang"]
    assert parse_qs(link.query)["secret"] == [begun.key.replace(" ", "")]
    assert begun.valid_until == NOW + PENDING_S


def test_the_secret_is_not_in_what_gets_logged(office):
    begun = office.begun(office.enrolling())

    assert begun.key not in repr(begun)
    assert begun.link not in repr(begun)


def test_coming_back_within_ten_minutes_shows_the_same_token(office):
    visitor = office.enrolling()
    begun = office.begun(visitor)

    assert office.begun(visitor, NOW + PENDING_S - 1) == begun


def test_after_ten_minutes_a_new_token_takes_the_place_of_the_unproven_one(office):
    visitor = office.enrolling()
    begun = office.begun(visitor)

    again = office.begun(visitor, NOW + PENDING_S)

    assert again.token_id != begun.token_id
    assert again.key != begun.key
    assert states(office) == [State.REVOKED, State.PENDING]


def test_a_token_pending_for_too_long_cannot_be_proven(office):
    visitor = office.enrolling()
    phone = Phone.scanning(office, visitor)
    too_late = NOW + PENDING_S

    answer = prove(office.ports, visitor, Proof(phone.shows(too_late)), too_late)

    assert answer == Refusal(Reason.CONVERSATION_EXPIRED)
    assert states(office) == [State.PENDING]


def test_a_pending_token_is_no_code_to_sign_in_with(office):
    phone = Phone.scanning(office, office.enrolling())

    assert spend_code(office.ports, office.user, phone.shows(NOW), NOW) == Refusal(Reason.NO_TOKEN)


def test_the_first_right_code_makes_the_token_active_and_signs_in(office):
    visitor = office.enrolling()
    phone = Phone.scanning(office, visitor)

    proven = prove(office.ports, visitor, Proof(phone.shows(NOW)), NOW)

    assert isinstance(proven, Proven)
    assert states(office) == [State.ACTIVE]
    assert office.visitor(proven.opened).session.code_at == NOW
    assert office.ports.web_session(visitor.session.id) is None


def test_the_proving_code_is_spent(office):
    phone, _ = office.enrolled()

    assert spend_code(office.ports, office.user, phone.shows(NOW), NOW) == Refusal(Reason.CODE_REPLAYED)
    assert spend_code(office.ports, office.user, phone.shows(LATER), LATER).at == LATER


def test_ten_recovery_codes_are_given_once_and_each_is_good_once(office):
    _, proven = office.enrolled()

    assert len(set(proven.recovery_codes)) == 10
    assert proven.recovery_codes[0] not in repr(proven)
    for code in proven.recovery_codes:
        assert spend_code(office.ports, office.user, code, LATER).at == LATER
        assert spend_code(office.ports, office.user, code, LATER) == Refusal(Reason.CODE_REPLAYED)
    assert office.ports.factors(office.user_id).recovery_left == 0


def test_a_wrong_first_code_is_counted_and_leaves_the_token_pending(office):
    visitor = office.enrolling()
    phone = Phone.scanning(office, visitor)

    answers = [prove(office.ports, visitor, Proof(wrong(phone.secret)), NOW).reason for _ in range(6)]

    assert answers == [Reason.WRONG_CODE] * 5 + [Reason.CODE_THROTTLED]
    assert states(office) == [State.PENDING]
    assert office.ports.factors(office.user_id).tokens[0].failures == 5


def test_the_old_phone_works_until_the_new_one_is_proven_and_not_after(office):
    old, _ = office.enrolled()
    visitor = office.signed_in(old, LATER)
    new = Phone.scanning(office, visitor, LATER)
    assert spend_code(office.ports, office.user, old.shows(LATER + 30), LATER + 30).at == LATER + 30

    assert isinstance(prove(office.ports, visitor, Proof(new.shows(LATER)), LATER), Proven)

    assert states(office) == [State.REVOKED, State.ACTIVE]
    refused = spend_code(office.ports, office.user, old.shows(LATER + 90), LATER + 90)
    assert refused == Refusal(Reason.WRONG_CODE)
    assert spend_code(office.ports, office.user, new.shows(LATER + 90), LATER + 90).at == LATER + 90


def test_a_second_phone_can_be_kept_beside_the_first(office):
    first, _ = office.enrolled()
    visitor = office.signed_in(first, LATER)
    second = Phone.scanning(office, visitor, LATER)

    prove(office.ports, visitor, Proof(second.shows(LATER), replaces=False), LATER)

    assert states(office) == [State.ACTIVE, State.ACTIVE]


def test_a_new_phone_ends_sessions_elsewhere_and_older_recovery_codes(office):
    old, proven = office.enrolled()
    elsewhere = office.signed_in(old, LATER)
    visitor = office.signed_in(old, LATER + 30)
    new = Phone.scanning(office, visitor, LATER + 30)

    again = prove(office.ports, visitor, Proof(new.shows(LATER + 30)), LATER + 30)

    assert office.ports.web_session(elsewhere.session.id) is None
    assert office.visitor(again.opened, LATER + 30)
    assert spend_code(office.ports, office.user, proven.recovery_codes[0], LATER + 30) == Refusal(
        Reason.WRONG_CODE
    )
    assert spend_code(office.ports, office.user, again.recovery_codes[0], LATER + 30).at == LATER + 30


@pytest.mark.parametrize("change", ["begin", "prove", "recovery"])
def test_a_code_proven_too_long_ago_changes_nothing(office, change):
    phone, _ = office.enrolled()
    visitor = office.signed_in(phone, LATER)
    stale = LATER + 600

    answer = {
        "begin": lambda: begin(office.ports, visitor, "", stale),
        "prove": lambda: prove(office.ports, visitor, Proof("123456"), stale),
        "recovery": lambda: renew_recovery(office.ports, visitor, stale),
    }[change]()

    assert answer == Refusal(Reason.CODE_MISSING)


def test_a_recovery_code_opens_the_way_to_a_new_phone(office):
    _, proven = office.enrolled()
    code = proven.recovery_codes[4]

    opened = give_code(office.ports, office.with_password(LATER), code, LATER)

    assert isinstance(begin(office.ports, office.visitor(opened, LATER), "", LATER), Begun)


def test_proving_in_a_session_that_has_ended_changes_nothing(office):
    visitor = office.enrolling()
    phone = Phone.scanning(office, visitor)
    office.ports.close_session(visitor.session.id, None)

    answer = prove(office.ports, visitor, Proof(phone.shows(NOW)), NOW)

    assert answer == Refusal(Reason.CODE_UNPROVABLE)
    assert states(office) == [State.PENDING]
    assert office.ports.factors(office.user_id).recovery_left == 0


class Overtaken(StoredPasskeyDesk):
    """Another browser of the same person proves the same phone a moment earlier."""

    def activate(self, activation):
        earlier = self.overtaking.pop()()
        assert isinstance(earlier, Proven)
        self.won.append(earlier)
        return super().activate(activation)


def test_of_two_browsers_that_prove_one_phone_at_once_only_one_does(office):
    here, there = office.enrolling(), office.enrolling()
    phone = Phone.scanning(office, here)
    proof = Proof(phone.shows(NOW), replaces=False)
    Overtaken.overtaking = [lambda: prove(office.ports, there, proof, NOW)]
    Overtaken.won = []
    given = [each.name for each in fields(office.ports) if each.init]
    ports = Overtaken(**{name: getattr(office.ports, name) for name in given})

    late = prove(ports, here, proof, NOW)

    assert late == Refusal(Reason.CONVERSATION_EXPIRED)
    assert states(office) == [State.ACTIVE]
    (won,) = Overtaken.won
    assert spend_code(office.ports, office.user, won.recovery_codes[0], NOW).at == NOW


def test_new_recovery_codes_end_the_older_ones(office):
    _, proven = office.enrolled()
    visitor = office.visitor(proven.opened)

    newer = renew_recovery(office.ports, visitor, NOW)

    assert len(newer) == 10
    assert spend_code(office.ports, office.user, proven.recovery_codes[0], NOW) == Refusal(Reason.WRONG_CODE)
    assert spend_code(office.ports, office.user, newer[0], NOW).at == NOW


def test_somebody_still_enrolling_has_no_recovery_codes_to_renew(office):
    assert renew_recovery(office.ports, office.enrolling(), NOW) == Refusal(Reason.CODE_MISSING)


def test_a_lost_phone_is_stopped_without_a_fresh_code(office):
    phone, _ = office.enrolled()
    visitor = office.signed_in(phone, LATER)
    token_id = office.ports.factors(office.user_id).tokens[0].id

    assert revoke_own(office.ports, visitor, token_id, LATER + 1200) is True
    assert revoke_own(office.ports, visitor, token_id, LATER + 1200) is False
    assert states(office) == [State.REVOKED]


def test_a_password_alone_takes_nobodys_phone_away(office):
    phone, _ = office.enrolled()
    token_id = office.ports.factors(office.user_id).tokens[0].id

    assert revoke_own(office.ports, office.with_password(LATER), token_id, LATER) == Refusal(
        Reason.CODE_MISSING
    )
    assert spend_code(office.ports, office.user, phone.shows(LATER), LATER).at == LATER


def test_nobody_takes_the_phone_of_another_person_away(office):
    phone, _ = office.enrolled()
    other = Office(office.database, name="mina.park")
    her_token = give_phone(office.database, other.user_id, b"another twenty octets")

    assert revoke_own(office.ports, office.signed_in(phone, LATER), her_token, LATER) is False
    assert states(other) == [State.ACTIVE]


def test_revoking_everything_leaves_no_way_in(office):
    phone, proven = office.enrolled()
    code = office.invited(LATER)
    opened = office.signed_in(phone, LATER)

    assert revoke(office.ports, office.user, None, "helpdesk", LATER) == 1

    assert office.ports.web_session(opened.session.id) is None
    for typed in (phone.shows(LATER + 60), proven.recovery_codes[0]):
        assert isinstance(spend_code(office.ports, office.user, typed, LATER + 60), Refusal)
    visitor = office.with_password(LATER + 60)
    assert give_registration(office.ports, visitor, code, LATER + 60) == Refusal(Reason.WRONG_CODE)


def test_unlocking_sets_every_count_back_and_makes_no_spent_code_good(office):
    phone, proven = office.enrolled()
    for _ in range(6):
        spend_code(office.ports, office.user, wrong(phone.secret, LATER), LATER)
        spend_code(office.ports, office.user, "0000-0000-0000-0000", LATER)

    assert unlock(office.ports, office.user, "helpdesk", LATER) == 2

    assert spend_code(office.ports, office.user, phone.shows(NOW), NOW) == Refusal(Reason.CODE_REPLAYED)
    assert spend_code(office.ports, office.user, phone.shows(LATER), LATER).at == LATER
    assert spend_code(office.ports, office.user, proven.recovery_codes[0], LATER).at == LATER


def test_every_step_is_written_down_and_fed(office):
    office.enrolled()
    revoke(office.ports, office.user, None, "helpdesk", LATER)

    kinds = [kind for kind, _ in office.audited()]
    assert kinds == [
        "enrolment",  # invited
        "sign-in",  # password
        "sign-in",  # registration code
        "enrolment",  # begun
        "enrolment",  # proven
        "enrolment",  # revoked
    ]
    assert set(changes(office.database)) == {("token", str(office.user_id))}


def test_a_broken_seed_stops_enrolment_and_can_still_be_revoked(office):
    visitor = office.enrolling()
    phone = Phone.scanning(office, visitor)
    with office.database.write() as conn:
        conn.execute(update(tokens).values(binding="00000000-0000-4000-8000-000000000000"))

    answer = prove(office.ports, visitor, Proof(phone.shows(NOW)), NOW)

    assert answer == Refusal(Reason.CODE_UNPROVABLE)
    assert revoke(office.ports, office.user, None, "helpdesk", NOW) == 1


def test_tidying_forgets_what_ended_by_time_and_nothing_else(office):
    _, proven = office.enrolled()
    visitor = office.visitor(proven.opened)
    office.begun(visitor)
    office.sign_in()

    tidy(office.database, NOW + PENDING_S)

    assert states(office) == [State.ACTIVE, State.REVOKED]
    assert office.visitor(proven.opened, NOW + PENDING_S).user.id == office.user_id

"""Logins while the directory is down: let in by an opening, to what it names, until its end."""

from dataclasses import replace

import pytest

from access.gateways.livesessions import Holder, HolderKey, HolderKind, LiveSession, ground, judge
from access.logins.authorized_anew import KnownSession, session_right
from access.logins.proving import UserKey, user_key
from access.model import Absent, Facts, Reason, Subject, Via
from access.model import Method as PolicyMethod
from access.policy.document import load
from access.policy.edges import reach
from access.policy.kept_texts import policy_of
from access.policy.standing import EVERYTHING, Standing, StandingKind
from access.policy.vocabulary import PolicyErrors
from radius.questions import CheckPassword, CodeRight, Granted, PasswordRight, Refused
from radius.vendor.generic import vlan
from tests.access.doors import KIM, MAC, NOW, POLICY, SWITCH, VPN, Doors

PREPARED = POLICY.replace(
    "rules:",
    """networks:
  intranet: {organization: hangang, to: [10.99.0.0/25]}
  payroll: {organization: hangang, to: [10.99.0.144/28]}
openings:
  seoul-hq:
    organization: hangang
    site: seoul
    permit: [login:wired, login:vpn, network:intranet]
    gives: {vlan: guest}
    longest: 2h
rules:
  - {id: all, permit: [network:payroll], who: [organization:hangang]}""",
)
OPEN = Standing(4, StandingKind.OPENING, (), until=NOW + 7200, opening="seoul-hq", organization="hangang")


class Office(Doors):
    """The doors of a site that is prepared, with the directory down."""

    def __init__(self, opened: bool = True, site: str = "seoul"):
        super().__init__()
        self.memory.put_clients([replace(SWITCH, site=site), replace(VPN, site=site)])
        self.memory.put_policy(policy_of(PREPARED))
        self.ports.directory_up = False
        if opened:
            self.memory.put_standing([(OPEN.id, OPEN)], 1)

    def come(self, **asked):
        right = self.password("whatever", **asked)
        return right if isinstance(right, Refused) else self.authorize(user=right.user)


def reason_of(refused):
    return refused.record["entry"]["reason"]


def test_whoever_cannot_be_proven_is_let_in_while_it_is_open_and_the_record_says_so():
    granted = Office().come()

    assert isinstance(granted, Granted)
    assert set(vlan("guest")) <= set(granted.attributes)
    assert granted.record["method"] == "office-open"
    assert granted.record["otp_at"] is None
    assert granted.record["valid_until"] == NOW + 7200
    assert granted.record["entry"]["detail"]["permits"] == ["opening-4"]


@pytest.mark.parametrize(
    "office",
    [Office(opened=False), Office(site="busan"), Office(site="")],
    ids=["closed", "another site", "no site"],
)
def test_without_an_opening_of_that_site_nobody_is(office):
    assert reason_of(office.come()) == Reason.DIRECTORY_UNAVAILABLE


def test_after_its_end_nobody_is():
    office = Office()
    office.now = office.freshness.true_at = NOW + 7200

    assert reason_of(office.come()) == Reason.DIRECTORY_UNAVAILABLE


def test_while_the_directory_answers_a_wrong_password_stays_wrong_and_a_right_one_is_as_ever():
    office = Office()
    office.ports.directory_up = True

    assert reason_of(office.password("guess")) == Reason.WRONG_PASSWORD
    granted = office.authorize(user=office.password().user)
    assert granted.record["method"] == "pap"
    assert granted.record["entry"]["detail"]["permits"] == ["staff"]


@pytest.mark.parametrize("name", ["nobody", "rival@namsan"])
def test_nobody_unknown_or_of_another_company_is_let_in(name):
    assert reason_of(Office().come(name=name)) == Reason.DIRECTORY_UNAVAILABLE


def test_who_is_disabled_stays_outside():
    office = Office()
    office.memory.put_users([replace(KIM, enabled=False)])

    assert isinstance(office.come(), Refused)


def test_who_is_contained_stays_outside():
    office = Office()
    contained = Standing(5, StandingKind.CONTAINMENT, ("user:minjun.kim@hangang",), (EVERYTHING,))
    office.memory.put_standing([(5, contained)], 2)

    assert reason_of(office.come()) == Reason.CONTAINED


def test_nothing_is_reached_but_what_the_opening_names():
    policy = Office().memory.policy
    subject = Subject(7, "hangang", "minjun.kim", frozenset({"hangang/staff"}))
    unproven = Facts(via=Via.WIRED, method=PolicyMethod.OFFICE_OPEN, site="seoul")

    assert reach(policy, subject, unproven, NOW).objects == {"network:intranet"}
    proven = replace(unproven, method=PolicyMethod.EAP_TTLS_PAP)
    assert reach(policy, subject, proven, NOW).objects == {"network:payroll"}


def test_at_its_end_a_session_that_it_let_in_ends_and_a_proven_one_does_not():
    policy = Office().memory.policy
    holder = Holder(Subject(7, "hangang", "minjun.kim", frozenset({"hangang/staff"})))
    facts = Facts(via=Via.WIRED, method=PolicyMethod.OFFICE_OPEN, site="seoul", otp_at=Absent.DOES_NOT_APPLY)
    session = LiveSession(1, 1, HolderKey(HolderKind.USER, 7), facts)
    proven = replace(session, facts=replace(facts, method=PolicyMethod.PAP))

    assert judge(ground(policy), session, holder, (), NOW).refusal is None
    assert judge(ground(policy), session, holder, (), NOW).look_again == NOW + 7200
    over = judge(ground(policy), session, holder, (), NOW + 7200)
    assert over.refusal is not None
    assert judge(ground(policy), proven, holder, (), NOW + 7200).refusal is None
    taken_back = policy.with_standing([(OPEN.id, None)], 2)
    assert judge(ground(taken_back), session, holder, (), NOW).refusal is not None


def test_a_code_is_not_asked_of_whom_nobody_can_prove():
    office = Office()
    right = office.password("whatever", nas=VPN)
    assert isinstance(right, PasswordRight)

    code = office.code("000000", user=right.user)
    assert isinstance(code, CodeRight)
    granted = office.authorize(user=right.user, nas=VPN, code_at=code.at, code=code.code)

    assert granted.record["method"] == "office-open"
    assert granted.record["otp_at"] is None


def test_a_code_that_cannot_be_spent_counts_while_it_is_open_and_the_session_is_unproven():
    office = Office()
    office.ports.directory_up, office.ports.database_up = True, False
    right = office.password(nas=VPN)

    code = office.code("000000", user=right.user)
    granted = office.authorize(user=right.user, nas=VPN, code_at=code.at, code=code.code)

    assert granted.record["method"] == "office-open"


def test_no_proof_is_kept_to_be_resumed_and_no_session_is_authorized_anew():
    office = Office()

    assert office.password("whatever").ticket == ""
    known = KnownSession(b"c", 7, None, None, "minjun.kim", "office-open", None, "")
    assert session_right(office.memory, known) is None


def test_while_it_is_open_methods_with_a_readable_password_are_offered_there():
    only_tls = PREPARED.replace(
        "    gives: {vlan: staff", "    when: {method: eap-tls}\n    gives: {vlan: staff"
    )
    office = Office(opened=False)
    office.memory.put_policy(policy_of(only_tls))
    before = office.memory.find_nas(SWITCH.network.network_address).eap_methods

    office.memory.put_standing([(OPEN.id, OPEN)], 1)
    opened = office.memory.find_nas(SWITCH.network.network_address).eap_methods
    office.memory.put_standing([(OPEN.id, None)], 2)

    assert set(before) < set(opened)
    assert office.memory.find_nas(SWITCH.network.network_address).eap_methods == before


def test_the_key_of_somebody_unproven_is_read_back():
    assert user_key(str(UserKey(7, unproven=True))) == UserKey(7, unproven=True)
    assert user_key("7/31") == UserKey(7, 31)


@pytest.mark.parametrize(
    "wrong",
    [
        ("longest: 2h", "longest: 5h"),
        ("login:wired, login:vpn", "login:device"),
        ("login:wired, login:vpn", "login:portal"),
        ("network:intranet]", "network:elsewhere]"),
        ("site: seoul", "who: [group:namsan/all]\n    site: seoul"),
    ],
)
def test_a_document_prepares_nothing_that_must_not_be_opened(wrong):
    text = PREPARED.replace(*wrong).replace(
        "networks:\n", "networks:\n  elsewhere: {organization: namsan, to: [10.98.0.0/24]}\n"
    )

    with pytest.raises(PolicyErrors):
        load(text)


def test_an_opening_that_another_document_has_not_prepared_opens_nothing():
    office = Office()
    policy = office.memory.policy.standing_on(policy_of(POLICY))

    assert policy.beside.rules == {}


def test_while_the_directory_says_nothing_nobody_waits_for_it_where_the_office_is_open():
    office = Office()
    office.ports.silent = True

    assert isinstance(office.come(), Granted)
    assert office.ports.asked == []


def test_where_the_office_is_not_open_a_silent_directory_is_asked_as_ever():
    office = Office(opened=False)
    office.ports.silent = True

    assert reason_of(office.come()) == Reason.DIRECTORY_UNAVAILABLE
    assert len(office.ports.asked) == 1


def turned_away(office, password="whatever", name="minjun.kim"):
    return office.logins.turn_away(CheckPassword(str(VPN.id), name, password, MAC), office.now)


def test_whoever_nobody_has_time_for_is_let_in_where_the_directory_says_nothing():
    office = Office()
    office.ports.silent = True

    right = turned_away(office)

    assert isinstance(right, PasswordRight)
    assert office.authorize(user=right.user).record["method"] == "office-open"
    assert office.ports.asked == []


@pytest.mark.parametrize(
    ("opened", "silent", "password", "name"),
    [
        (True, False, "whatever", "minjun.kim"),
        (False, True, "whatever", "minjun.kim"),
        (True, True, "", "minjun.kim"),
        (True, True, "whatever", "nobody"),
        (True, True, "whatever", "rival@namsan"),
    ],
    ids=["a directory that answers", "not open", "no password", "nobody", "another company"],
)
def test_a_crowd_lets_nobody_else_in(opened, silent, password, name):
    office = Office(opened)
    office.ports.silent = silent

    assert reason_of(turned_away(office, password, name)) == Reason.DIRECTORY_BUSY


def test_a_password_that_was_wrong_a_moment_ago_stays_wrong_while_the_directory_says_nothing():
    office = Office()
    office.ports.directory_up = True
    assert reason_of(office.password("guess")) == Reason.WRONG_PASSWORD
    office.ports.directory_up, office.ports.silent = False, True

    assert reason_of(office.password("guess")) == Reason.PASSWORD_REPEATED
    assert reason_of(turned_away(office, "guess")) == Reason.DIRECTORY_BUSY

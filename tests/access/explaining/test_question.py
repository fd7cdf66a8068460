"""What an explanation goes by: what is told, a live session, a login of that day, or nothing but the door."""

from dataclasses import dataclass, field, replace
from ipaddress import ip_address

import pytest

from access.countries import Countries
from access.errors import Refused
from access.explaining.question import EVERYTHING, NoSuchObject, Question, answer, every_object
from access.explaining.supposed import Supposed
from access.logins.risk import Level, Risk
from access.model import Absent, Bilingual, Certified, Facts, Method, Others, Reason, Subject, User, Via
from access.nas.endpoint_standing import Registration
from access.people.past import Before
from access.policy.compiled import Policy, compile
from access.policy.document import load
from access.proof.factors import Factor, Origin, TokenSummary
from otp.token import State
from tests.access.console.test_reaching import NOW, session

POLICY = compile(
    load(
        """\
version: 1
networks:
  intranet: {organization: hangang, to: [10.99.0.0/25]}
  lab: {organization: namsan, to: [10.98.0.0/24]}
rules:
  - {id: staff, permit: [login:vpn, network:intranet], who: [organization:hangang], when: {site: seoul}}
"""
    )
)
EARLIER = compile(load("version: 1\nnetworks: {old: {organization: hangang, to: [10.97.0.0/24]}}\n"))
KIM = User(1, "hangang", "kim", "")
PRINTER = Subject(0, "hangang", "00-00-5e-00-53-01")


@dataclass
class Office:
    """One session of kim's, one login of theirs of an hour ago, and no phone."""

    sessions: tuple = (session(site="seoul"),)
    before: Before = field(default_factory=lambda: Before(KIM, EARLIER, notes=(Bilingual("그때", "then"),)))
    tokens: tuple = ()
    registered: dict[str, Registration] = field(default_factory=dict)
    countries: Countries = field(default_factory=Countries)

    def sessions_of(self, user_id: int):
        return self.sessions if user_id == KIM.id else ()

    def tokens_of(self, user_id: int):
        return self.tokens

    def registration(self, mac: str) -> Registration | None:
        return self.registered.get(mac)

    def policy(self) -> Policy | None:
        return POLICY

    def on_that_day(self, user: User, via: Via, moment: float) -> Before:
        if self.before is None:
            raise Refused("They were not there.")
        return self.before


def ask(office: Office | None = None, whom=KIM, via=Via.VPN, **more):
    return answer(office or Office(), Question(whom, via, **more), NOW)


def test_a_live_session_through_that_door_says_how_it_is():
    assert ask().facts.site == "seoul"
    assert ask().told[0].decision.permitted
    assert ask(via=Via.WIRED).facts.site is Absent.UNKNOWN
    assert ask(Office((session(site="seoul", state="ended"),))).facts.site is Absent.UNKNOWN


def test_of_a_moment_to_come_a_session_of_now_says_nothing():
    told = ask(moment=NOW + 60)

    assert (told.at, told.facts.site) == (NOW + 60, Absent.UNKNOWN)
    assert told.told[0].decision.reason is Reason.FACT_UNKNOWN


def test_a_moment_that_is_over_is_answered_by_its_policy_its_login_and_its_notes():
    facts = Facts(via=Via.VPN, site="busan")
    before = Before(KIM, EARLIER, NOW - 3600, facts, (Bilingual("그때", "then"),))

    told = ask(Office(before=before), moment=NOW - 3630)

    assert (told.policy, told.at, told.facts.site) == (EARLIER, NOW - 3600, "busan")
    assert [note.en for note in told.notes] == ["then"]
    assert told.objects == ("network:old",)
    told = ask(Office(before=before), moment=NOW - 3630, supposed=Supposed(site="jeju"))
    assert told.facts.site == "jeju"


def test_a_day_on_which_they_were_not_there_is_not_answered():
    with pytest.raises(Refused):
        ask(Office(before=None), moment=NOW - 60)


def test_what_is_told_takes_the_place_of_what_is_known():
    supposed = Supposed(
        method=Method.EAP_TLS,
        code_age_s=60.0,
        factor=Factor.PASSKEY,
        assurance=Origin.ON_SITE,
        site="jeju",
        host="namsan",
        source=ip_address("203.0.113.7"),
        sessions=3,
        risk=Level.HIGH,
    )

    facts = ask(supposed=supposed).facts

    assert (facts.method, facts.certificate) == (Method.EAP_TLS, Certified.PERSONAL)
    assert (facts.otp_at, facts.factor, facts.assurance) == (NOW - 60, Factor.PASSKEY, Origin.ON_SITE)
    assert (facts.site, facts.nas_organization) == ("jeju", "namsan")
    assert (str(facts.source), facts.country) == ("203.0.113.7", Absent.UNKNOWN)
    assert (facts.sessions, facts.risk) == (Others(((None, 3),)), Risk(Level.HIGH))


def test_the_portal_is_at_no_nas_and_on_no_endpoint():
    facts = ask(via=Via.PORTAL, supposed=Supposed(host="namsan", mac="00-00-5e-00-53-01")).facts

    assert facts.nas_organization is Absent.DOES_NOT_APPLY
    assert facts.endpoint is Absent.DOES_NOT_APPLY


def test_an_endpoint_logs_in_by_its_own_address_without_a_code():
    owned = Registration(5, "hangang", 7, True, None)
    office = Office(registered={PRINTER.name: owned})

    facts = ask(office, PRINTER, Via.WIRED).facts

    assert (facts.method, facts.otp_at) == (Method.MAB, Absent.DOES_NOT_APPLY)
    assert facts.sessions is Absent.DOES_NOT_APPLY
    assert facts.station == "00:00:5e:00:53:01"


def test_a_visitor_comes_by_their_home_server():
    visitor = Subject(0, "", "jane@partner.example", realm="partner")

    assert ask(whom=visitor, via=Via.WIRELESS).facts.method is Method.HOME_SERVER


def test_everything_is_the_login_and_all_that_may_be_spoken_of():
    told = ask(object=EVERYTHING)

    assert [each.request.object for each in told.told] == ["login:vpn", "network:intranet"]
    whole = answer(Office(), Question(KIM, Via.VPN, EVERYTHING), NOW, every_object)
    assert [each.request.object for each in whole.told] == ["login:vpn", "network:intranet", "network:lab"]


@pytest.mark.parametrize("wanted", ["network:lab", "network:nowhere"])
def test_what_may_not_be_spoken_of_is_as_if_it_were_not_there(wanted: str):
    with pytest.raises(NoSuchObject) as refused:
        ask(object=wanted)

    assert "network:lab" not in refused.value.known
    assert str(refused.value) == f"The policy has no {wanted}."


def test_the_last_code_counts_only_where_it_is_asked_for_and_not_before_it_was_shown():
    phone = TokenSummary(1, "", "totp", State.ACTIVE, 0, 0.0, NOW - 900, used_at=NOW - 100)
    office = Office(sessions=(), tokens=(phone,))

    assert ask(office).facts.otp_at is Absent.DOES_NOT_APPLY
    assert ask(office, last_code=True).facts.otp_at == NOW - 100
    earlier = ask(replace(office, before=Before(KIM, POLICY)), last_code=True, moment=NOW - 200)
    assert earlier.facts.otp_at is Absent.DOES_NOT_APPLY

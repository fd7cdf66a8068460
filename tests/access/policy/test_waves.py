from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.gateways.livesessions import ground
from access.model import Facts, Request, Subject, Via
from access.policy.compiled import Policy
from access.policy.decide import decide
from access.policy.edges import reach
from access.policy.kept_texts import policy_of
from access.policy.waves import BadWave, Wave, read_wave
from access.proof.factors import Factor
from tests.access.policy import generated
from tests.access.policy.samples import MINJUN, MONDAY_9, OFFICE, ON_VPN, office
from tests.access.policy.test_preview import two_policies

NEWER = policy_of(OFFICE.replace("permit: [login:vpn]", "permit: [login:portal]"))
ALL = Wave(percent=99.999999)


def people(count: int) -> list[Subject]:
    return [Subject(number, "hangang", f"person{number}") for number in range(1, count + 1)]


def under(wave: Wave, revision: str, count: int = 2000) -> set[str]:
    return {each.name for each in people(count) if wave.takes(revision, each, Facts())}


def test_a_share_of_people_is_about_that_many_and_a_part_of_any_larger_share():
    ten, fifty = under(Wave(10), "new"), under(Wave(50), "new")

    assert 140 < len(ten) < 260
    assert ten < fifty
    assert len(under(Wave(100), "new")) == 2000
    assert under(Wave(), "new") == set()


def test_another_change_begins_with_other_people():
    assert under(Wave(10), "new") != under(Wave(10), "other")


def test_a_wave_of_a_company_or_a_site_takes_its_own():
    seoul = Facts(site="seoul")

    assert Wave(organizations=frozenset({"hangang"})).takes("new", MINJUN, Facts())
    assert not Wave(organizations=frozenset({"seorak"})).takes("new", MINJUN, Facts())
    assert Wave(sites=frozenset({"seoul"})).takes("new", MINJUN, seoul)
    assert not Wave(sites=frozenset({"seoul"})).takes("new", MINJUN, Facts())
    visitor = Subject(0, "hangang", "x", realm="partner")
    assert not Wave(organizations=frozenset({"hangang"})).takes("new", visitor, Facts())


@pytest.mark.parametrize("text", ["10%", "0.5%", "organization:hangang+site:seoul", "site:busan"])
def test_a_wave_is_read_as_it_is_written(text):
    assert str(read_wave(text)) == text


@pytest.mark.parametrize("text", ["", "0%", "101%", "x%", "10", "team:a", "10%+site:seoul", "site:"])
def test_what_names_no_wave_is_refused(text):
    with pytest.raises(BadWave):
        read_wave(text)


def test_a_decision_says_which_policy_has_spoken():
    older = office()
    nobody, everybody = older.in_waves(NEWER, Wave()), older.in_waves(NEWER, ALL)
    request = Request("login:vpn", ON_VPN)

    assert decide(nobody, MINJUN, request, MONDAY_9) == decide(older, MINJUN, request, MONDAY_9)
    assert decide(everybody, MINJUN, request, MONDAY_9) == decide(NEWER, MINJUN, request, MONDAY_9)
    assert decide(everybody, MINJUN, request, MONDAY_9).revision == NEWER.revision


@given(st.integers(0, 2**32))
def test_everybody_follows_one_policy_whole_at_every_door_and_in_every_session(seed):
    older, newer = two_policies(seed)
    case, wave = generated.case(seed), Wave(Random(seed).choice((20, 50, 80)))
    mixed = older.in_waves(newer, wave)
    one = newer if wave.takes(newer.revision, case.subject, case.facts) else older

    asked = Request(case.object, case.facts)

    assert decide(mixed, case.subject, asked, case.now) == decide(one, case.subject, asked, case.now)
    assert reach(mixed, case.subject, case.facts, case.now) == reach(one, case.subject, case.facts, case.now)


def test_both_policies_are_cut_together_and_each_weighs_by_its_own_networks():
    smaller = policy_of(OFFICE.replace("to: [10.99.0.128/28]", "to: [10.99.0.128/29]"))
    mixed = office().in_waves(smaller, Wave(organizations=frozenset({"seorak"})))

    cut = ground(mixed)

    assert cut.speaking(MINJUN, ON_VPN) is cut
    theirs = cut.speaking(Subject(3, "seorak", "anna"), ON_VPN)
    assert theirs.policy == mixed.newer
    assert theirs.atoms.atoms == cut.atoms.atoms
    assert theirs.atoms.of("network:git") < cut.atoms.of("network:git")


def test_what_stands_beside_the_document_stands_beside_both():
    assert isinstance(office().in_waves(NEWER, ALL).newer, Policy)
    mixed = office().in_waves(NEWER, ALL).with_standing([], 7)

    assert mixed.beside.revision == 7
    assert mixed.newer is not None
    assert mixed.newer.beside.revision == 7


def test_what_any_of_both_asks_for_has_to_be_found_out():
    asking = office(
        "  - {id: asks, permit: [login:wired], who: [organization:hangang],"
        " when: {site: seoul, sessions: 2, country: KR}}\n"
    )
    limiting = office(
        "  - {id: limits, permit: [login:wired], who: [organization:hangang], gives: {sessions: 2}}\n"
    )
    assert asking.asks - office().asks == {"site", "sessions", "country"}
    assert (office().limits_sessions, limiting.limits_sessions) == (False, True)

    for newer in (asking, limiting):
        for both in (office().in_waves(newer, Wave(10)), newer.in_waves(office(), Wave(10))):
            assert both.asks == office().asks | newer.asks
            assert both.limits_sessions == newer.limits_sessions


def test_a_door_of_a_site_is_that_of_the_request():
    mixed = office().in_waves(NEWER, Wave(sites=frozenset({"seoul"})))
    at_seoul = Facts(via=Via.PORTAL, otp_at=MONDAY_9, factor=Factor.TOTP, site="seoul")

    assert decide(mixed, MINJUN, Request("login:portal", at_seoul), MONDAY_9).revision == NEWER.revision


def test_the_first_rule_about_the_portal_closes_it_to_nobody_for_whom_it_does_not_speak_yet():
    objects = "version: 1\nnetworks:\n  git: {organization: hangang, to: [10.99.0.128/28]}\n"
    rule = "rules:\n  - {id: desk, permit: [login:portal], who: [user:boss@hangang]}\n"
    without, closed = policy_of(objects), policy_of(objects + rule)
    kim, asked = Subject(1, "hangang", "kim"), Request("login:portal", Facts(Via.PORTAL))
    hangang = Wave(organizations=frozenset({"hangang"}))

    def is_open(policy: Policy) -> bool:
        return decide(policy, kim, asked, MONDAY_9).permitted

    assert is_open(without)
    assert not is_open(closed)
    assert is_open(without.in_waves(closed, Wave()))
    assert not is_open(without.in_waves(closed, hangang))
    assert not is_open(closed.in_waves(without, Wave()))
    assert is_open(closed.in_waves(without, hangang))

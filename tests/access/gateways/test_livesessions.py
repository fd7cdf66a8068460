"""What one session may reach, and until when, from the policy, its holder, its facts and the clock."""

from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address

import pytest

from access.gateways.livesessions import (
    Desk,
    Holder,
    HolderKey,
    HolderKind,
    LiveSession,
    ground,
    grounds,
    judge,
)
from access.model import Absent, Facts, Method, Reason, Subject, Via
from access.policy.kept_texts import policy_of
from access.policy.waves import NOBODY
from access.proof.factors import Factor
from tests.access.gatehouse import POLICY
from vpn.atoms import Protocol

GROUND = ground(policy_of(POLICY))
STRICTER = policy_of(POLICY.replace("otp_age: 12h", "otp_age: 1h"))
# One address of a network is another.
MOVED = policy_of(POLICY.replace("10.99.0.2/32", "10.99.0.4/32", 1))
HOUR = 3600.0


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


MONDAY = at("2026-11-23T09:00:00+09:00")


def holder(*groups: str, **state: object) -> Holder:
    placed = frozenset(f"hangang/{name}" for name in groups)
    return Holder(Subject(1, "hangang", "minjun.kim", placed), **state)


def session(otp_at: float | Absent = MONDAY, **state: object) -> LiveSession:
    facts = Facts(Via.VPN, Method.PAP, otp_at, Absent.UNKNOWN, Absent.UNKNOWN, factor=Factor.TOTP)
    return LiveSession(1, 1, HolderKey(HolderKind.USER, 1), facts, **state)


def reaches(judgement, host: str, port: int, protocol: Protocol = Protocol.TCP) -> float | bool | None:
    """The end of what is reached there, None if it has none; False where it is not reached."""
    atom = GROUND.atoms.find(ip_address(host), protocol, port)
    return judgement.ends.get(atom, False)


def judged(*groups: str, now: float = MONDAY, desks: tuple[Desk, ...] = (), **state: object):
    return judge(GROUND, session(**state), holder(*groups), desks, now)


@pytest.mark.parametrize(
    ("groups", "host", "port", "reached"),
    [
        (["vpn"], "10.99.0.2", 8080, True),
        (["vpn"], "10.99.0.2", 9418, False),
        (["vpn", "engineering"], "10.99.0.2", 9418, True),
        (["vpn", "engineering"], "fd00:99::2", 9418, True),
        (["vpn", "engineering"], "10.99.0.2", 22, False),
        (["vpn", "engineering", "contractors"], "10.99.0.2", 9418, False),
        (["vpn", "operations"], "10.99.0.9", 9500, True),
        (["engineering"], "10.99.0.2", 9418, False),
    ],
)
def test_a_session_reaches_what_is_permitted_and_nothing_else(groups, host, port, reached):
    assert (reaches(judged(*groups), host, port) is not False) is reached


def test_where_a_permitted_network_overlaps_a_forbidden_one_the_forbid_wins():
    judgement = judged("vpn", "operations", "contractors")

    assert reaches(judgement, "10.99.0.2", 9418) is False
    assert reaches(judgement, "10.99.0.3", 9418) is not False


def test_somebody_whose_door_is_closed_is_refused_and_reaches_nothing():
    judgement = judged("engineering")

    assert judgement.refusal is not None
    assert judgement.refusal.reason is Reason.NO_PERMIT
    assert judgement.ends == {}


def test_everything_ends_when_the_code_is_too_old_for_the_door():
    judgement = judged("vpn", otp_at=MONDAY - HOUR)

    assert set(judgement.ends.values()) == {MONDAY + 11 * HOUR}
    assert judgement.look_again == MONDAY + 11 * HOUR
    late = judged("vpn", otp_at=MONDAY - HOUR, now=MONDAY + 11 * HOUR)
    assert late.refusal is not None
    assert late.refusal.reason is Reason.CONDITION_FAILED


def test_a_window_that_closes_ends_its_own_network_and_no_other():
    policy = POLICY.replace(", when: {otp_age: 12h}", "")
    everything = ground(policy_of(policy))
    judgement = judge(everything, session(), holder("vpn", "operations"), (), MONDAY)

    def end(port: int) -> float | bool | None:
        return judgement.ends.get(everything.atoms.find(ip_address("10.99.0.2"), Protocol.TCP, port), False)

    closing = at("2026-11-23T20:00:00+09:00")
    assert end(9500) == closing
    assert judgement.look_again == closing
    intranet = end(8080)
    assert isinstance(intranet, float)
    assert intranet > closing + 48 * HOUR


def test_a_network_that_opens_later_is_looked_at_then():
    early = at("2026-11-23T07:00:00+09:00")
    judgement = judged("vpn", "operations", now=early, otp_at=early)

    assert reaches(judgement, "10.99.0.2", 9500) is False
    assert judgement.look_again == at("2026-11-23T08:00:00+09:00")


@pytest.mark.parametrize("gone", [None, holder("vpn", barred=True)])
def test_somebody_disabled_or_gone_is_refused(gone):
    judgement = judge(GROUND, session(), gone, (), MONDAY)

    assert judgement.refusal is not None
    assert judgement.refusal.reason is Reason.USER_DISABLED


def test_a_session_whose_end_was_asked_for_reaches_nothing_and_is_not_ended_twice():
    judgement = judged("vpn", leaving=True)

    assert (judgement.ends, judgement.refusal) == ({}, None)


def test_a_session_without_a_login_reaches_nothing_and_is_not_ended():
    judgement = judge(GROUND, replace(session(), holder=None), None, (), MONDAY)

    assert (judgement.ends, judgement.refusal) == ({}, None)


def test_without_a_policy_nobody_stays():
    judgement = judge(ground(None), session(), holder("vpn"), (), MONDAY)

    assert judgement.refusal is not None
    assert judgement.refusal.reason is Reason.NO_POLICY


def test_of_a_pool_only_the_assigned_desktop_is_reached_and_only_while_it_is_assigned():
    mine = (Desk("desks", "dev-2", MONDAY + HOUR),)
    judgement = judged("vpn", "vdi", desks=mine)

    assert reaches(judgement, "10.99.0.3", 3389) == MONDAY + HOUR
    assert reaches(judgement, "10.99.0.2", 3389) is False
    assert reaches(judged("vpn", "vdi", desks=mine, now=MONDAY + HOUR), "10.99.0.3", 3389) is False


def test_an_assignment_without_the_right_opens_nothing():
    assert reaches(judged("vpn", desks=(Desk("desks", "dev-2", MONDAY + HOUR),)), "10.99.0.3", 3389) is False


def test_an_assignment_of_a_pool_or_desktop_that_is_no_more_opens_nothing():
    gone = (Desk("old", "dev-1", MONDAY + HOUR), Desk("desks", "dev-9", MONDAY + HOUR))

    assert judged("vpn", "vdi", desks=gone).ends.keys() == judged("vpn", "vdi").ends.keys()


def test_an_endpoint_whose_registration_ends_is_refused_then():
    printers = "{id: printer, permit: [login:wired, network:intranet], who: [endpoint:00-00-5e-00-53-99]}"
    document = POLICY.replace("rules:\n", f"rules:\n  - {printers}\n").partition("tests:")[0]
    wired = ground(policy_of(document))
    printer = Holder(Subject(0, "hangang", "00-00-5e-00-53-99"), until=MONDAY + HOUR)
    facts = Facts(Via.WIRED, Method.MAB, Absent.DOES_NOT_APPLY, Absent.UNKNOWN, Absent.UNKNOWN)
    held = LiveSession(1, 1, HolderKey(HolderKind.ENDPOINT, 1), facts)

    assert set(judge(wired, held, printer, (), MONDAY).ends.values()) == {MONDAY + HOUR}
    refusal = judge(wired, held, printer, (), MONDAY + HOUR).refusal
    assert refusal is not None
    assert refusal.reason is Reason.UNKNOWN_ENDPOINT


def test_a_session_ends_with_the_network_password_it_was_logged_in_with():
    judgement = judged("vpn", proof_ends=MONDAY + 600)
    assert judgement.refusal is None
    assert judgement.look_again == MONDAY + 600
    assert set(judgement.ends.values()) == {MONDAY + 600}

    refusal = judged("vpn", now=MONDAY + 600, proof_ends=MONDAY + 600).refusal
    assert refusal is not None and refusal.reason is Reason.NETWORK_PASSWORD_ENDED


def test_destinations_are_cut_anew_only_where_they_are_others_than_before():
    assert ground(STRICTER, GROUND).policy is STRICTER
    assert ground(STRICTER, GROUND).atoms is GROUND.atoms
    assert ground(MOVED, GROUND).atoms == ground(MOVED).atoms != GROUND.atoms
    assert ground(None, GROUND).atoms == ground(None).atoms


def test_what_was_cut_for_two_policies_in_waves_is_cut_anew_for_one():
    in_waves = ground(GROUND.policy.in_waves(MOVED, NOBODY))

    assert in_waves.atoms != GROUND.atoms
    assert ground(GROUND.policy, in_waves).atoms == GROUND.atoms


def test_two_policies_with_the_same_destinations_are_cut_as_one_and_others_together():
    alike = grounds(GROUND.policy, STRICTER)
    apart = grounds(GROUND.policy, MOVED)

    assert [each.policy for each in alike] == [GROUND.policy, STRICTER]
    assert [each.atoms for each in alike] == [GROUND.atoms, GROUND.atoms]
    assert apart[0].atoms.atoms == apart[1].atoms.atoms
    assert apart[0].atoms.resources != apart[1].atoms.resources

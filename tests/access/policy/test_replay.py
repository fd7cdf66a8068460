from access.model import Facts, Via
from access.policy.compiled import Policy
from access.policy.kept_texts import policy_of
from access.policy.replay import Line, Recorded, Turn, replay
from tests.access.policy.samples import HOUR, MINJUN, MONDAY_9, OFFICE, ON_VPN, office

FORBID = "  - {id: no, forbid: [network:intranet], who: [organization:hangang], reason: R}\n"
MORE = "  - {id: audit, permit: [network:payroll], who: [user:minjun.kim@hangang]}\n"


def asked(object: str, permitted: bool, at: float = MONDAY_9, facts: Facts = ON_VPN) -> Recorded:
    return Recorded(at, "minjun.kim@hangang", "hangang", MINJUN, object, facts, permitted)


def told(draft: Policy, *records: Recorded) -> list[Line]:
    return replay([(record, office()) for record in records], lambda _: draft).lines


def line(turn: Turn, object: str, cause: str, count: int = 1, last: float = MONDAY_9) -> Line:
    return Line(turn, "minjun.kim@hangang", "hangang", object, cause, count, MONDAY_9, last)


def test_who_would_be_forbidden_is_told_by_which_rule():
    twice = asked("network:intranet", True), asked("network:intranet", True, MONDAY_9 + HOUR)

    assert told(office(FORBID), *twice) == [
        line(Turn.REFUSED, "network:intranet", "FORBIDDEN no", 2, MONDAY_9 + HOUR)
    ]


def test_whoever_no_permit_speaks_for_any_more_is_told_whose_conditions_failed():
    by_wire = asked("network:git", True, facts=Facts(via=Via.WIRED))
    narrower = policy_of(OFFICE.replace("via: [vpn, wired]", "via: vpn"))

    assert told(narrower, by_wire) == [line(Turn.REFUSED, "network:git", "CONDITION_FAILED engineers")]
    assert told(office(), by_wire) == []


def test_who_would_be_let_in_is_told_by_which_rule():
    assert told(office(MORE), asked("network:payroll", False)) == [
        line(Turn.ADMITTED, "network:payroll", "audit")
    ]


def test_each_request_is_decided_as_of_its_own_moment():
    ending = FORBID.replace("reason: R", 'reason: R, valid_from: "2026-11-23T09:30:00+09:00"')
    both = [asked("network:intranet", True, at) for at in (MONDAY_9, MONDAY_9 + HOUR)]
    moments: list[float] = []

    def draft(at: float) -> Policy:
        moments.append(at)
        return office(ending)

    found = replay([(each, office()) for each in both], draft)

    assert (found.total, found.same, [each.first for each in found.lines]) == (2, 1, [MONDAY_9 + HOUR])
    assert moments == [MONDAY_9, MONDAY_9 + HOUR]

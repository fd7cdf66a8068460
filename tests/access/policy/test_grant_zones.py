"""Where a grant may be had: nowhere where it would have a session of its person in two zones."""

from dataclasses import replace

import pytest

from access.model import NETWORK_DOORS, Facts, Request, Subject, Via
from access.policy.beside import rule_of
from access.policy.document import load
from access.policy.explain import explain
from access.policy.grant_zones import Having, Room, possible_until, room_for
from access.policy.kept_texts import policy_of
from access.policy.remedies import RemedyKind
from access.policy.standing import Standing, StandingKind
from access.policy.vocabulary import Rule
from tests.access.policy.samples import HOUR, MONDAY_9

TEXT = """\
version: 1
networks:
  intranet: {organization: hangang, to: [10.1.0.0/24]}
  web: {organization: hangang, to: [10.2.0.0/24]}
  git: {organization: hangang, to: [10.3.0.0/24]}
  builds: {organization: hangang, to: [10.3.1.0/24]}
  clock: {organization: hangang, to: [10.4.0.0/24]}
  theirs: {organization: seorak, to: [10.5.0.0/24]}
hours:
  day: {days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00", zone: Asia/Seoul}
zones:
  business: {title: {ko: 업무망, en: Business}, holds: [network:intranet], vlans: [staff]}
  internet: {holds: [network:web, login:wireless]}
  development: {holds: [network:git, network:builds, network:theirs]}
rules:
  - {id: door, permit: [login:vpn, login:wired], who: [organization:hangang]}
  - {id: clock, permit: [network:clock], who: [organization:hangang]}
"""
KIM = Subject(1, "hangang", "kim", frozenset({"hangang/a"}))
MAC = "02:00:5e:00:53:01"
END = "2026-11-23T12:00:00+09:00"
NOON = MONDAY_9 + 3 * HOUR


def permit(id: str, objects: str, who: str = "group:hangang/a", more: str = "") -> str:
    return f"  - {{id: {id}, permit: [{objects}], who: ['{who}']{', ' if more else ''}{more}}}\n"


def exception(object: str, crosses: str, end: str = END, more: str = "") -> str:
    said = f'crosses: [{crosses}], owner: kim, reason: moving, valid_to: "{end}"'
    return permit("exception", object, more=f"{said}{', ' if more else ''}{more}")


OTHER_EXCEPTION = exception("network:intranet", "%s").replace("id: exception", "id: other")


def granted(object: str = "network:git", hours: float = 2, **more: object) -> Rule:
    until = MONDAY_9 + hours * HOUR
    known = Standing(7, StandingKind.GRANT, ("user:kim@hangang",), (object,), MONDAY_9, until, **more)
    made = rule_of(known, load(TEXT))
    assert made is not None
    return made


def room(rules: str, grant: Rule | None = None, having: Having | None = None) -> Room:
    return room_for(policy_of(TEXT + rules), having or Having(KIM), grant or granted())


def left(rules: str, grant: Rule | None = None, having: Having | None = None) -> set[str]:
    return set(room(rules, grant, having).doors)


# Who comes by Wi-Fi is in the zone of the internet, by whatever rule.
OFF_THE_AIR = {"vpn", "wired"}
EVERYWHERE = frozenset({"vpn", "wired", "wireless"})


def test_a_permit_of_another_zone_at_every_door_leaves_none():
    found = room(permit("one", "network:intranet"))

    assert found.doors == frozenset()
    assert not found.possible
    assert {(each.object, each.zone) for each in found.hindrances if Via.VPN in each.doors} == {
        ("network:intranet", "business")
    }


@pytest.mark.parametrize(
    ("rules", "doors"),
    [
        ("", OFF_THE_AIR),
        (permit("air", "login:wireless"), OFF_THE_AIR),
        (permit("one", "network:intranet", more="when: {via: wired}"), {"vpn"}),
        (permit("desk", "login:wired", more="gives: {vlan: staff}"), {"vpn"}),
        (permit("desk", "login:wired", more="gives: {voice_vlan: staff}"), {"vpn"}),
        (permit("one", "network:builds"), OFF_THE_AIR),
        (permit("one", "network:intranet", "user:lee@hangang"), OFF_THE_AIR),
        (permit("one", "network:intranet", more="when: {site: seoul}"), set()),
        (permit("late", "network:intranet", more=f'valid_from: "{END}"'), OFF_THE_AIR),
        (permit("over", "network:intranet", more='valid_to: "2026-11-23T09:00:00+09:00"'), OFF_THE_AIR),
        (permit("soon", "network:intranet", more='valid_from: "2026-11-23T10:00:00+09:00"'), set()),
    ],
)
def test_it_is_left_the_doors_at_which_nothing_is_in_another_zone(rules: str, doors: set[str]):
    wifi = "" if "login:wireless" in rules else permit("air", "login:wireless")

    assert left(rules + wifi) == doors


def test_somebody_who_is_in_no_zone_is_let_by_every_door_they_have():
    found = room("")

    assert found.possible
    assert found.usable == {Via.VPN, Via.WIRED}


def test_doors_that_are_left_and_closed_to_its_person_make_it_no_better():
    found = room(permit("one", "network:intranet", more="when: {via: [vpn, wired]}"), granted("network:web"))

    assert found.doors == {Via.WIRELESS}
    assert not found.possible


def test_a_login_in_a_zone_leaves_room_for_what_is_in_the_same_one():
    assert left("", granted("network:web")) == EVERYWHERE


@pytest.mark.parametrize("when", ["over", "later"])
def test_a_login_that_is_not_to_be_had_in_that_time_is_none(when: str):
    end = 'valid_to: "2026-11-23T09:00:00+09:00"' if when == "over" else f'valid_from: "{END}"'
    rules = permit("air", "login:wireless", more=end)

    found = room(rules + permit("one", "network:intranet", more="when: {via: [vpn, wired]}"))

    assert found.usable == {Via.VPN, Via.WIRED}
    assert not found.possible


def test_to_somebody_without_any_login_each_door_is_as_good_as_another():
    text = TEXT.replace("[login:vpn, login:wired]", "[login:device]")

    found = room_for(policy_of(text), Having(KIM), granted())

    assert found.usable == NETWORK_DOORS
    assert found.possible


def test_what_is_in_no_zone_is_had_beside_everything():
    assert left(permit("one", "network:intranet"), granted("network:clock")) == EVERYWHERE


def test_hours_of_the_clock_do_not_keep_a_grant_from_another_zone():
    assert left(permit("one", "network:intranet", more="when: {hours: day}")) == set()


@pytest.mark.parametrize(
    ("more", "doors"),
    [
        ("who: ['user:kim@hangang']", OFF_THE_AIR),
        ("who: ['user:lee@hangang']", set()),
        ("who: ['user:kim@hangang'], when: {via: vpn}", {"vpn"}),
        ("who: ['user:kim@hangang'], when: {site: seoul}", set()),
        (f"who: ['user:kim@hangang'], valid_to: '{END}'", OFF_THE_AIR),
        ("who: ['user:kim@hangang'], valid_to: '2026-11-23T10:00:00+09:00'", set()),
    ],
)
def test_what_a_forbid_always_beats_is_in_no_way(more: str, doors: set[str]):
    forbid = f"  - {{id: no, forbid: [network:intranet], reason: not here, {more}}}\n"

    assert left(permit("air", "login:wireless") + permit("one", "network:intranet") + forbid) == doors


def test_a_requirement_that_is_met_beats_nothing():
    inside = permit("one", "network:intranet", more="when: {via: [vpn, wired]}")
    rules = "  - {id: g, require: [network:intranet], who: ['organization:hangang'], tier: guardrail,"
    rules += " owner: kim, reason: no Wi-Fi, when: {via: [vpn, wired]}}\n"

    assert left(inside + rules) == set()


def test_a_forbid_of_a_group_that_ends_for_somebody_beats_nothing_afterwards():
    leaving = replace(KIM, ending=(("hangang/b", MONDAY_9 + HOUR),))
    forbid = "  - {id: no, forbid: [network:intranet], who: ['group:hangang/b'], reason: not here}\n"
    rules = permit("one", "network:intranet") + forbid

    assert left(rules, having=Having(leaving)) == set()
    assert left(rules, granted(hours=1), Having(leaving)) == OFF_THE_AIR


@pytest.mark.parametrize(
    ("rules", "doors"),
    [
        (exception("network:intranet", "development"), EVERYWHERE),
        (exception("network:git", "business"), EVERYWHERE),
        (exception("network:builds", "business"), set()),
        (exception("network:git", "internet"), set()),
        (exception("network:intranet", "internet"), set()),
        (exception("network:git", "business", "2026-11-23T10:00:00+09:00"), set()),
        (exception("network:git", "business", more="when: {via: vpn}"), {"vpn"}),
        (exception("network:git", "business", more="when: {site: seoul}"), set()),
        # Nobody can say which of the two a session is in by itself.
        (exception("network:git", "business") + OTHER_EXCEPTION % "internet", set()),
        (exception("network:git", "internet") + OTHER_EXCEPTION % "development", set()),
        (exception("network:git", "business") + OTHER_EXCEPTION % "development", EVERYWHERE),
    ],
)
def test_an_exception_covers_it_as_far_and_as_long_as_it_speaks(rules: str, doors: set[str]):
    assert left(permit("one", "network:intranet") + rules) - {"wireless"} == doors - {"wireless"}


def test_where_both_are_exceptions_each_has_to_be_had_beside_the_zone_of_the_other():
    one_way = exception("network:git", "internet") + OTHER_EXCEPTION % "development"

    assert left(one_way) == set()
    assert left(one_way.replace("[internet]", "[business]")) == OFF_THE_AIR


def test_an_exception_about_a_login_moves_nobody_out_of_its_zone():
    crossing = f'crosses: [development], owner: kim, reason: moving, valid_to: "{END}"'
    rules = permit("desk", "login:wired", more=f"gives: {{vlan: staff}}, {crossing}")

    assert left(rules) == {"vpn"}


def test_an_exception_that_ends_too_early_says_until_when_it_could_be_had():
    rules = permit("one", "network:intranet") + exception("network:git", "business", END)
    policy, wanted = policy_of(TEXT + rules), granted(hours=4)

    assert not room_for(policy, Having(KIM), wanted).possible
    assert possible_until(policy, Having(KIM), wanted) == NOON
    assert room_for(policy, Having(KIM), granted(hours=3)).possible


def test_it_is_told_for_as_long_as_possible_whatever_else_ends_before():
    passing = permit("passing", "network:builds", more='valid_to: "2026-11-23T10:00:00+09:00"')
    rules = permit("one", "network:intranet") + exception("network:git", "business", END) + passing

    assert possible_until(policy_of(TEXT + rules), Having(KIM), granted(hours=4)) == NOON


def test_where_no_length_would_do_none_is_told():
    policy = policy_of(TEXT + permit("one", "network:intranet"))

    assert possible_until(policy, Having(KIM), granted()) is None


def test_an_exception_of_a_group_that_ends_for_somebody_covers_no_longer_than_that():
    leaving = replace(KIM, groups=frozenset(), ending=(("hangang/a", MONDAY_9 + HOUR),))
    rules = permit("one", "network:intranet", "organization:hangang") + exception("network:git", "business")

    assert left(rules, having=Having(leaving)) - {"wireless"} == set()
    assert left(rules, granted(hours=1), Having(leaving)) - {"wireless"} == {"vpn", "wired"}


def test_a_group_that_ends_for_somebody_meanwhile_counts_and_one_that_has_ended_does_not():
    soon, over = (replace(KIM, groups=frozenset(), ending=(("hangang/a", at),)) for at in (NOON, MONDAY_9))
    rules = permit("one", "network:intranet")

    assert left(rules, having=Having(soon)) == set()
    assert left(rules, having=Having(over)) == OFF_THE_AIR


def test_of_two_grants_in_two_zones_the_second_has_no_room_while_the_first_lasts():
    first = granted("network:web", 1)

    assert left("", having=Having(KIM, (first,))) == set()


def test_two_grants_for_two_endpoints_do_not_meet():
    first = granted("network:web", endpoint=MAC)
    other = granted(endpoint="02:00:5e:00:53:02")

    assert left("", other, Having(KIM, (first,))) == OFF_THE_AIR
    assert left("", other, Having(KIM, (granted("network:web"),))) == set()
    assert left("", granted(endpoint=MAC), Having(KIM, (first,))) == set()


def test_a_grant_that_is_had_by_one_door_leaves_the_others():
    first = granted("network:web", doors=("wired",))

    assert left("", having=Having(KIM, (first,))) == {"vpn"}


def test_what_another_company_does_not_permit_as_well_is_in_no_way():
    rules = permit("in", "network:theirs", more="organization: seorak")
    mine = permit("out", "network:theirs", more="organization: hangang")

    assert left(rules, granted("network:intranet")) == OFF_THE_AIR
    assert left(rules + mine, granted("network:intranet")) == set()


def test_what_a_company_permits_that_has_no_say_is_in_no_way():
    guest = replace(KIM, groups=frozenset({"seorak/a"}))
    rules = permit("one", "network:intranet", "group:seorak/a")

    assert left(rules, having=Having(guest)) == set()
    theirs = rules.replace("who", "organization: seorak, who")
    ours = permit("two", "network:intranet", more="when: {via: wired}")
    assert left(theirs, having=Having(guest)) == OFF_THE_AIR
    assert left(theirs + ours, having=Having(replace(guest, groups=guest.groups | KIM.groups))) == {"vpn"}


def test_a_company_lets_its_people_have_beside_their_zone_what_another_one_grants():
    rules = permit("one", "network:intranet") + exception(
        "network:theirs", "business", more="organization: hangang"
    )

    assert left(rules, granted("network:theirs")) == OFF_THE_AIR


def test_a_guest_is_where_the_company_at_whose_nas_they_log_in_leads_them():
    rules = permit("host", "login:wired", more="organization: seorak, gives: {vlan: staff}")

    assert left(rules) == {"vpn"}


def test_a_permit_that_a_review_has_stopped_is_in_no_way():
    stop = Standing(9, StandingKind.SILENCE, (), ("one",))
    policy = policy_of(TEXT + permit("one", "network:intranet")).with_standing([(9, stop)], 1)

    assert room_for(policy, Having(KIM), granted()).doors == OFF_THE_AIR


def test_while_a_change_comes_in_waves_both_texts_count():
    newer = policy_of(TEXT + permit("one", "network:intranet", more="when: {via: vpn}"))
    older = policy_of(TEXT + permit("one", "network:intranet", more="when: {via: wired}"))

    found = room_for(older.in_waves(newer, older.wave), Having(KIM), granted())

    assert found.doors == frozenset()
    assert not found.possible


ASKABLE = TEXT.replace(
    "git: {organization: hangang, to: [10.3.0.0/24]}",
    "git: {organization: hangang, to: [10.3.0.0/24], requestable: {owners: [lee@hangang]}}",
)


@pytest.mark.parametrize(
    ("rules", "via", "told"),
    [
        ("", Via.VPN, True),
        (permit("one", "network:intranet"), Via.VPN, False),
        (permit("one", "network:intranet", more="when: {via: wired}"), Via.VPN, True),
        (permit("one", "network:intranet", more="when: {via: wired}"), Via.WIRED, False),
        (permit("one", "network:intranet", more="when: {via: wired}"), Via.PORTAL, True),
        (permit("one", "network:intranet", more="when: {via: [wired, vpn]}"), Via.PORTAL, False),
    ],
)
def test_nobody_is_told_to_ask_for_what_would_be_refused(rules: str, via: Via, told: bool):
    request = Request("network:git", Facts(via=via))

    found = explain(policy_of(ASKABLE + rules), KIM, request, MONDAY_9)

    assert (RemedyKind.ASK_OWNER in {each.kind for each in found.remedies}) is told


def test_nor_is_whoever_has_been_granted_something_in_another_zone():
    web = replace(granted("network:web").standing, until=None)
    policy = policy_of(ASKABLE).with_standing([(web.id, web)], 1)

    found = explain(policy, KIM, Request("network:git", Facts(via=Via.VPN)), MONDAY_9)

    assert RemedyKind.ASK_OWNER not in {each.kind for each in found.remedies}

import json
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import insert, select

from access.changes.publishing import Draft
from access.changes.rollout import Rollout
from access.gateways.enforcement import Enforcer
from access.logins.memory import Memory
from access.model import Absent, Facts, Method, Reason, Via
from access.policy.document import load
from access.policy.facts_text import spell
from access.policy.waves import Wave, read_wave
from access.proof.factors import Factor
from access.records.audit import AuditEntry
from access.store import audit, pairs, single_values, wave_harm
from access.store import organizations as organizations_of
from access.store.audit import Selection
from access.store.database import Database
from access.store.enforcement import StoredEnforcement
from access.store.lanes import Grounds
from access.store.rollouts import KEY, StoredRollouts
from access.store.tables import alarms, organizations
from access.store.wave_judge import SETTLED_LOOKS, Judge
from access.store.world import open_world
from tests.access.gatehouse import POLICY, Gatehouse
from tests.access.residents import KEYRING, NOW, Dice

# The network of the engineers is another one, and their rule is gone.
NEWER = POLICY.replace("  - {id: engineers, permit: [network:build], who: [group:hangang/engineering]}\n", "")
NEWER = NEWER.replace("10.99.0.0/24", "10.99.0.0/25")
REVISION = load(NEWER).revision


class Ring:
    """Nobody hears it."""

    def ring(self, *_: object) -> None:
        pass


@pytest.fixture
def house(database: Database) -> Gatehouse:
    made = Gatehouse(database)
    made.publish()
    return made


@pytest.fixture
def rollouts(house: Gatehouse) -> StoredRollouts:
    return StoredRollouts(house.database, KEYRING, Dice(), "test")


def begin(house: Gatehouse, rollouts: StoredRollouts, *waves: str) -> Rollout:
    base = load(POLICY).revision
    rollout = Rollout(REVISION, base, tuple(map(read_wave, waves)), 600.0, "boss", None, "x", since=NOW)
    assert rollouts.begin(Draft(NEWER, "boss", base), rollout, NOW)
    return rollout


def test_live_sessions_follow_the_waves_and_come_back(house: Gatehouse, rollouts: StoredRollouts):
    user_id = house.person("engineer", "vpn", "engineering")
    gateway = house.gateway()
    house.session(user_id, house.nas(gateway), "10.8.0.5")
    records = StoredEnforcement(house.database, KEYRING, Dice(), "one")
    assert records.lead(NOW)
    enforcer = Enforcer(records, Ring())
    enforcer.begin(NOW)
    before = held(house, gateway)

    rollout = begin(house, rollouts, "organization:seorak", "organization:hangang")
    enforcer.follow(NOW)
    assert objects(enforcer) >= {"network:build"}
    rollouts.move(rollout, rollout.next(NOW), NOW)
    enforcer.follow(NOW)
    assert objects(enforcer).isdisjoint({"network:build"})
    assert "+" in enforcer.ground.revision

    rollouts.take_back(rollout.next(NOW), "enough", NOW)
    enforcer.follow(NOW)
    assert objects(enforcer) >= {"network:build"}
    assert before <= held(house, gateway)


def objects(enforcer: Enforcer) -> frozenset[str]:
    (judged,) = enforcer.crowd.judged.values()
    return judged.objects


def held(house: Gatehouse, gateway: int) -> set[int]:
    with house.database.read() as conn:
        return {pair.atom for pair in pairs.standing(conn, gateway)}


def test_the_gateways_rules_are_cut_for_both_policies(house: Gatehouse, rollouts: StoredRollouts):
    records = StoredEnforcement(house.database, KEYRING, Dice(), "one")
    assert records.lead(NOW)
    enforcer = Enforcer(records, Ring())
    enforcer.begin(NOW)
    begin(house, rollouts, "10%")
    house.gateway()
    enforcer.follow(NOW)
    enforcer.follow(NOW)
    enforcer.confirm(NOW + 1)

    with house.database.read() as conn:
        worker = Grounds().current(conn)

    assert worker.atoms.atoms == enforcer.ground.atoms.atoms


def test_a_radius_worker_decides_by_the_wave_that_stands(house: Gatehouse, rollouts: StoredRollouts):
    world, memory = open_world(house.database, KEYRING), Memory()
    news = world.all()
    for put in news.puts:
        put(memory)
    assert memory.policy is not None
    assert memory.policy.newer is None

    rollout = begin(house, rollouts, "10%", "50%")
    news = followed(world, memory, news.position)
    assert memory.policy.newer is not None
    assert (memory.policy.newer.revision, memory.policy.wave) == (REVISION, Wave(10))

    rollouts.move(rollout, rollout.next(NOW), NOW)
    news = followed(world, memory, news.position)
    assert memory.policy.wave == Wave(50)

    assert rollouts.finish(rollout.next(NOW), NOW)
    followed(world, memory, news.position)
    assert (memory.policy.revision, memory.policy.newer) == (REVISION, None)
    world.glance.close()


def followed(world, memory, position):
    news = world.since(position)
    for put in news.puts:
        put(memory)
    return news


def test_only_one_change_is_on_its_way_and_whoever_is_slower_changes_nothing(
    house: Gatehouse, rollouts: StoredRollouts
):
    rollout = begin(house, rollouts, "1%", "10%")

    assert not rollouts.begin(Draft(NEWER, "boss", rollout.base), rollout, NOW)
    assert rollouts.move(rollout, rollout.next(NOW), NOW)
    assert not rollouts.move(rollout, rollout.next(NOW + 5), NOW)
    assert not rollouts.finish(rollout, NOW)
    assert not rollouts.take_back(rollout, "late", NOW)
    assert rollouts.current() == rollout.next(NOW)


def test_harm_is_what_the_newer_policy_refused_since_the_wave_stands(
    house: Gatehouse, rollouts: StoredRollouts
):
    rollout = begin(house, rollouts, "10%")
    nas = house.nas(None)
    house.session(house.user_id, nas, policy_revision=REVISION)
    house.session(house.user_id, nas, policy_revision=rollout.base)
    refuse(house, Reason.FORBIDDEN, REVISION, NOW + 1)
    refuse(house, Reason.FORBIDDEN, rollout.base, NOW + 1)
    refuse(house, Reason.FORBIDDEN, REVISION, NOW - 1)
    refuse(house, Reason.WRONG_PASSWORD, REVISION, NOW + 1)

    harm = rollouts.harm(rollout)

    assert (harm.refused, harm.people, harm.permitted) == (1, 1, 1)


VPN = Facts(Via.VPN, Method.PAP, NOW - 60, factor=Factor.TOTP, source=Absent.DOES_NOT_APPLY)


@pytest.mark.parametrize(("group", "harmed"), [("vpn", 1), ("operations", 0)])
def test_a_login_that_the_policy_in_force_refuses_as_well_is_no_harm(
    house: Gatehouse, rollouts: StoredRollouts, group: str, harmed: int
):
    rollout = begin(house, rollouts, "10%")
    who = house.person("somebody", group)

    note(house, "login", Reason.NO_PERMIT, who, {"policy": REVISION, "facts": spell(VPN)})

    assert rollouts.harm(rollout).refused == harmed


@pytest.mark.parametrize(
    ("otp_at", "more", "harmed"),
    [
        (NOW - 60, {}, 1),
        (NOW - 60, {"groups_left": ["hangang/vpn"]}, 0),
        (NOW - 60, {"because": "USER_DISABLED"}, 0),
        (NOW - 60, {"what": "session.reach-lost"}, 0),
        (NOW - 13 * 3600, {}, 0),
    ],
)
def test_a_session_that_ends_is_harm_where_the_policy_in_force_would_have_kept_it(
    house: Gatehouse, rollouts: StoredRollouts, otp_at: float, more: dict[str, object], harmed: int
):
    rollout = begin(house, rollouts, "10%")
    who = house.person("somebody", "vpn")
    session = house.session(who, house.nas(None), "10.8.0.9", otp_at=otp_at)
    lost = {"what": "session.right-lost", "because": "NO_PERMIT", "policy": REVISION, **more}

    note(house, "enforcement", Reason.RIGHT_LOST, who, lost, session_id=session)

    assert rollouts.harm(rollout).refused == harmed


@pytest.mark.parametrize(("group", "harmed"), [("vdi", 1), ("vpn", 0)])
def test_a_desktop_whose_right_is_gone_is_harm_where_the_policy_in_force_gives_it(
    house: Gatehouse, rollouts: StoredRollouts, group: str, harmed: int
):
    rollout = begin(house, rollouts, "10%")
    who = house.person("somebody", group)
    lost = {"what": "desktop.right-lost", "pool": "desks", "policy": REVISION}

    note(house, "desktop", Reason.RIGHT_LOST, who, lost)

    assert rollouts.harm(rollout).refused == harmed


@pytest.mark.parametrize(("revision", "harmed"), [(REVISION, 1), (load(POLICY).revision, 0)])
def test_whoever_is_turned_away_from_the_portal_is_harmed(
    house: Gatehouse, rollouts: StoredRollouts, revision: str, harmed: int
):
    rollout = begin(house, rollouts, "10%")
    who = house.person("somebody")

    note(house, "sign-in", Reason.NO_PERMIT, who, {"what": "sign-in.refused", "policy": revision})

    harm = rollouts.harm(rollout)
    assert (harm.refused, harm.names) == (harmed, ("somebody@hangang",) * harmed)


def test_harm_is_counted_whole_however_much_it_is(house: Gatehouse, rollouts: StoredRollouts):
    rollout = begin(house, rollouts, "10%")
    with house.database.write() as conn:
        for revision, count in ((REVISION, 510), (rollout.base, 600)):
            for _ in range(count):
                entry = AuditEntry("login", NOW, "FORBIDDEN", 1, house.user_id, detail={"policy": revision})
                audit.record(conn, "radius", entry, KEYRING, Dice())

    assert rollouts.harm(rollout).refused == 510


def opened_by(monkeypatch) -> list[int]:
    """The numbers of the records that are opened from here on."""
    numbers, opened = [], wave_harm.opened
    monkeypatch.setattr(
        wave_harm,
        "opened",
        lambda conn, rows, keyring: numbers.extend(row.id for row in rows) or opened(conn, rows, keyring),
    )
    return numbers


def test_whoever_looks_again_and_again_opens_each_record_once_and_finds_the_same(
    house: Gatehouse, rollouts: StoredRollouts, monkeypatch
):
    rollout, dice = begin(house, rollouts, "10%"), Random(7)
    judging = replace(rollouts, judge=Judge())
    people = [house.person(f"p{number}", "vpn") for number in range(5)]
    opened, found = opened_by(monkeypatch), []

    for _ in range(3 * SETTLED_LOOKS):
        for _ in range(dice.randrange(4)):
            revision = dice.choice((REVISION, REVISION, rollout.base))
            note(house, "login", Reason.FORBIDDEN, dice.choice(people), {"policy": revision})
        found.append(judging.harm(rollout))
        by_judge = list(opened)
        assert found[-1] == rollouts.harm(rollout)
        opened[:] = by_judge

    assert len(opened) == len(set(opened)) > SETTLED_LOOKS
    assert found[-1].people == 5


def test_a_record_that_turns_up_below_others_is_counted_once(
    house: Gatehouse, rollouts: StoredRollouts, monkeypatch
):
    """As where a transaction was given its number first and ended last."""
    rollout, judging = begin(house, rollouts, "10%"), replace(rollouts, judge=Judge())
    refuse(house, Reason.FORBIDDEN, REVISION, NOW + 1)
    late, read = [], wave_harm.refusals
    refuse(house, Reason.FORBIDDEN, REVISION, NOW + 2)
    monkeypatch.setattr(
        wave_harm,
        "refusals",
        lambda *asked: (each for each in read(*asked) if each.at != NOW + 1 or late),
    )
    assert [judging.harm(rollout).refused for _ in range(SETTLED_LOOKS - 1)] == [1] * (SETTLED_LOOKS - 1)
    late.append("it is there now")

    assert [judging.harm(rollout).refused for _ in range(3 * SETTLED_LOOKS)] == [2] * (3 * SETTLED_LOOKS)


def test_the_next_wave_is_judged_for_itself(house: Gatehouse, rollouts: StoredRollouts):
    rollout, judging = begin(house, rollouts, "10%", "20%"), replace(rollouts, judge=Judge())
    refuse(house, Reason.FORBIDDEN, REVISION, NOW + 1)
    assert judging.harm(rollout).refused == 1

    assert judging.harm(rollout.next(NOW + 60)).refused == 0


def note(
    house: Gatehouse, kind: str, reason: Reason, who: int, detail: dict[str, object], **more: int
) -> None:
    entry = AuditEntry(kind, NOW + 1, reason.value, 1, who, detail=detail, **more)
    with house.database.write() as conn:
        audit.record(conn, "one", entry, KEYRING, Dice())


def refuse(house: Gatehouse, reason: Reason, revision: str, at: float) -> None:
    entry = AuditEntry("login", at, reason.value, 1, house.user_id, detail={"policy": revision})
    with house.database.write() as conn:
        audit.record(conn, "radius", entry, KEYRING, Dice())


def test_a_wave_that_is_taken_back_by_itself_raises_an_alarm(house: Gatehouse, rollouts: StoredRollouts):
    rollout = begin(house, rollouts, "10%")

    assert rollouts.take_back(rollout, "30 refused", NOW)

    with house.database.read() as conn:
        raised = conn.execute(select(alarms.c.kind)).scalars().all()
    assert raised == ["policy-wave-taken-back"]
    assert rollouts.current() is None


def begin_part(house: Gatehouse, rollouts: StoredRollouts) -> Rollout:
    """The same change as the part of seorak, a company without people here."""
    with house.database.write() as conn:
        conn.execute(insert(organizations).values(key="seorak", name="Seorak", realm="seorak.example"))
    base = load(POLICY).revision
    wave = (read_wave("10%"),)
    rollout = Rollout(REVISION, base, wave, 600.0, "anna@seorak", None, "x", since=NOW)
    rollout = replace(rollout, organization="seorak", part="p" * 64, part_base="b" * 64)
    assert rollouts.begin(Draft(NEWER, "anna@seorak", base), rollout, NOW)
    assert rollouts.current() == rollout
    return rollout


def test_of_the_waves_of_a_part_its_company_hears_without_what_they_did_to_others(
    house: Gatehouse, rollouts: StoredRollouts
):
    rollout = begin_part(house, rollouts)
    refuse(house, Reason.FORBIDDEN, REVISION, NOW + 1)
    with house.database.read() as conn:
        seorak = organizations_of.id_of(conn, "seorak")

    (all_of_it,), (own,) = rollouts.course(rollout), rollouts.course(rollout, "seorak")
    assert (all_of_it.harm.refused, own.harm.refused, own.harm.names) == (1, 0, ())
    assert rollouts.take_back(rollout, "1 logins of 1 people refused", NOW + 2)

    with house.database.read() as conn:
        raised = conn.execute(select(alarms.c.organization_id, alarms.c.note, alarms.c.subject)).all()
        told = list(audit.records(conn, Selection(organization_id=seorak), KEYRING))
    assert {tuple(each) for each in raised} == {
        (None, "1 logins of 1 people refused", REVISION[:12]),
        (seorak, "", "p" * 12),
    }
    assert [each.detail["what"] for each in told if each.kind == "policy"] == [
        "policy.wave-taken-back",
        "policy.wave-began",
    ]
    said = " ".join(str(each.detail) for each in told)
    assert not [word for word in (REVISION, rollout.base, "refused", "hangang") if word in said]


def test_waves_of_the_whole_are_written_as_versions_write_them_that_know_of_no_parts(
    house: Gatehouse, rollouts: StoredRollouts
):
    """One of those may be moving it, and moves only what it has read itself."""
    begin(house, rollouts, "10%")
    with house.database.read() as conn:
        of_the_whole = json.loads(single_values.get(conn, KEY) or "")
    assert "organization" not in of_the_whole
    assert "part" not in of_the_whole
    rollout = rollouts.current()
    assert rollout is not None
    assert rollouts.move(rollout, replace(rollout, held=True), NOW)

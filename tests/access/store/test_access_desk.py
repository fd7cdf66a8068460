"""What is decided about a grant that somebody else has ended meanwhile, and by whom."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from access.changes.publishing import Draft
from access.errors import Refused
from access.people.absent_owners import look
from access.policy.compiled import compile
from access.policy.document import load
from access.policy.standing import Kept, Standing, StandingKind, State
from access.rights.temporary_access import By, Desk, Granting, Wish, approve, ask, deciders, extend, revoke
from access.store import audit, standing
from access.store.absent_owners import StoredOwners
from access.store.access_desk import StoredAccess
from access.store.database import Database
from access.store.policy_shelf import StoredPolicies
from access.store.tables import users
from tests.access.residents import DICE, KEYRING, NOW, leave_to_a_namesake, settle_in

TEXT = """\
version: 1
networks:
  git: {organization: hangang, to: [10.99.0.128/28], requestable: {owners: [sua.lee@hangang], longest: 4h}}
"""


def test_an_extension_of_a_grant_that_has_ended_meanwhile_changes_nothing(database: Database):
    settle_in(database)
    desk = StoredAccess(database, KEYRING, DICE, "test", {})
    wanted = Standing(0, StandingKind.GRANT, ("user:minjun.kim@hangang",), ("network:git",), until=NOW + 60)
    with database.write() as conn:
        granted = standing.add(conn, Kept(wanted, organization_id=1), NOW)
        waits = Kept(wanted, organization_id=1, state=State.ASKED, lapses_at=NOW + 3600, lasts_s=600.0)
        asked = standing.add(conn, replace(waits, extends=granted.standing.id), NOW)
        assert standing.end(conn, granted.standing.id, "somebody", NOW)

    assert not desk.allow(asked, "boss@hangang", Granting(NOW + 600), [], NOW + 1)

    assert [each.standing.id for each in desk.open_grants(NOW + 2)] == [asked.standing.id]


@pytest.fixture
def asked(database: Database):
    """minjun.kim has asked sua.lee for the network; the desk, the request, and who sua.lee is."""
    for name in ("minjun.kim", "sua.lee"):
        settle_in(database, name)
    shelf = StoredPolicies(database, KEYRING, DICE, "test")
    shelf.put_in_force(Draft(TEXT, "test", None), load(TEXT).revision, NOW)
    look(StoredOwners(database, KEYRING, DICE, "test"), NOW)
    desk = Desk(StoredAccess(database, KEYRING, DICE, "test", {}), compile(load(TEXT)), NOW)
    minjun, sua = (desk.ports.user_named(f"{name}@hangang") for name in ("minjun.kim", "sua.lee"))
    return desk, ask(desk, minjun, Wish("network:git", "A fix", 600.0)), sua


def test_whoever_gets_the_name_of_an_owner_who_left_decides_nothing(database: Database, asked):
    desk, kept, _ = asked
    leave_to_a_namesake(database, "sua.lee")
    namesake = desk.ports.user_named("sua.lee@hangang")

    for act in (approve, revoke):
        with pytest.raises(Refused):
            act(desk, By("sua.lee@hangang", namesake), kept.standing.id)

    assert deciders(desk, desk.ports.person(kept.user_id), "network:git") == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_another_company_owns_by_now_is_neither_granted_nor_extended(asked, language: str):
    desk, kept, sua = asked
    minjun = desk.ports.user_named("minjun.kim@hangang")
    assert minjun is not None
    with desk.ports.database.write() as conn:
        runs = Kept(replace(kept.standing, until=NOW + 600), organization_id=1, user_id=minjun.id)
        number = standing.add(conn, runs, NOW).standing.id
    opened = "requestable: {who: [organization:hangang], "
    text = TEXT.replace("organization: hangang", "organization: namsan").replace("requestable: {", opened)
    sold = replace(desk, policy=compile(load(text)))
    said = {"en": "belongs to another company by now", "ko": "다른 회사의 것입니다"}[language]

    with pytest.raises(Refused) as refused:
        approve(sold, By("sua.lee@hangang", sua), kept.standing.id)
    assert said in refused.value.to(language)
    with pytest.raises(Refused) as refused:
        extend(sold, minjun, number, 600.0, "More of it")
    assert said in refused.value.to(language)

    assert extend(desk, minjun, number, 600.0, "More of it").extends == number
    assert approve(desk, By("sua.lee@hangang", sua), kept.standing.id).until == NOW + 600


def test_an_owner_with_a_new_name_decides_as_before(database: Database, asked):
    desk, kept, sua = asked
    with database.write() as conn:
        conn.execute(update(users).where(users.c.id == sua.id).values(name="sua.park"))
    renamed = desk.ports.user_named("sua.park@hangang")

    assert [each.id for each in deciders(desk, desk.ports.person(kept.user_id), "network:git")] == [sua.id]
    assert approve(desk, By("sua.park@hangang", renamed), kept.standing.id).until == NOW + 600.0


def test_what_is_compared_with_other_grants_than_there_are_by_now_is_not_granted(asked, database: Database):
    desk, kept, _ = asked
    other = replace(kept.standing, objects=("network:lab",), until=NOW + 60)
    with database.write() as conn:
        granted = standing.add(conn, replace(kept, standing=other, state=State.STANDING, lapses_at=None), NOW)

    assert not desk.ports.allow(kept, "boss@hangang", Granting(NOW + 600), [], NOW + 1)

    assert desk.ports.grant(kept.standing.id).state is State.ASKED
    seen = Granting(NOW + 600, beside=frozenset({granted.standing}))
    assert desk.ports.allow(kept, "boss@hangang", seen, [], NOW + 1)


@pytest.mark.parametrize("change", [{"valid_to": NOW + 7200}, {"doors": "wired"}, {}])
def test_what_is_compared_with_a_grant_that_was_extended_meanwhile_is_not_granted(
    asked, database: Database, change
):
    desk, kept, _ = asked
    other = replace(kept.standing, objects=("network:lab",), until=NOW + 60, doors=("vpn",))
    with database.write() as conn:
        row = standing.add(conn, replace(kept, standing=other, state=State.STANDING, lapses_at=None), NOW)
    seen = Granting(NOW + 600, beside=frozenset({row.standing}))

    if change:
        with database.write() as conn:
            assert standing.change(conn, row.standing.id, NOW, **change)

    assert desk.ports.allow(kept, "boss@hangang", seen, [], NOW + 1) is not bool(change)
    assert desk.ports.grant(kept.standing.id).state is (State.ASKED if change else State.STANDING)


@pytest.mark.parametrize("extends", [False, True])
def test_a_grant_is_kept_with_the_doors_by_which_alone_it_is_had(asked, database: Database, extends: bool):
    desk, kept, _ = asked
    number = kept.standing.id
    assert desk.ports.allow(kept, "boss@hangang", Granting(NOW + 600, ("vpn",)), [], NOW)
    if extends:
        with database.write() as conn:
            longer = standing.add(conn, replace(kept, extends=number), NOW)
        assert desk.ports.allow(longer, "boss@hangang", Granting(NOW + 900, ("vpn", "wired")), [], NOW)

    made = desk.ports.grant(number).standing
    assert made.doors == (("vpn", "wired") if extends else ("vpn",))
    with database.read() as conn:
        newest = audit.records(conn, audit.Selection(kind="standing"), KEYRING)[0]
    assert newest.detail["doors"] == list(made.doors)

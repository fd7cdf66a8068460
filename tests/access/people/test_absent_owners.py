"""Whose owner has left has an alarm, for the company whose it is, until somebody else is named."""

import pytest
from sqlalchemy import update

from access.changes.publishing import Draft
from access.people.absent_owners import look, of_policy
from access.people.local_group import NewLocalGroup
from access.policy.document import load
from access.store import alarms, local_groups, named_owners, people
from access.store.absent_owners import StoredOwners
from access.store.local_groups import Act
from access.store.policy_shelf import StoredPolicies
from access.store.tables import policy_versions, users
from tests.access.residents import DICE, KEYRING, NOW, leave_to_a_namesake, settle_in

TEXT = """\
version: 1
networks:
  git:
    organization: hangang
    to: [10.99.0.128/28]
    requestable: {owners: [sua.lee@hangang, rival@namsan], longest: 4h}
  lab: {organization: namsan, to: [10.98.0.0/28]}
rules:
  - {id: both, permit: [network:git], who: [organization:hangang],
     owner: "user:sua.lee@hangang, rival@namsan"}
  - {id: alone, permit: [network:lab], who: [organization:namsan], owner: rival@namsan}
  - {id: house, permit: [network:git], who: [organization:hangang], owner: security}
  - {id: mixed, permit: [network:git], who: [organization:hangang], owner: "rival@namsan, security"}
  - {id: none, permit: [network:git], who: [organization:hangang]}
"""


@pytest.fixture
def house(database):
    """sua.lee of hangang and rival of namsan own things; minjun.kim has taken none over."""
    for name, company in (("sua.lee", "hangang"), ("rival", "namsan"), ("minjun.kim", "hangang")):
        settle_in(database, name, company)
    shelf = StoredPolicies(database, KEYRING, DICE, "test")
    shelf.put_in_force(Draft(TEXT, "test", None), load(TEXT).revision, NOW)
    with database.write() as conn:
        owner = people.user_by_name(conn, 1, "sua.lee")
        local_groups.add(conn, NewLocalGroup(1, "project", owner, "A project"), Act("boss", NOW), DICE)
    return database


def leave(database, name, **values):
    with database.write() as conn:
        conn.execute(update(users).where(users.c.name == name).values(values or {"enabled": False}))


def told(database, now=NOW):
    look(StoredOwners(database, KEYRING, DICE, "test"), now)
    with database.read() as conn:
        return {(each.subject, each.note, each.organization_id) for each in alarms.listed(conn)}


def test_an_owner_whose_name_is_longer_than_is_kept_is_published(house):
    long = "a" * named_owners.LONGEST_NAME
    settle_in(house, long)
    shelf = StoredPolicies(house, KEYRING, DICE, "test")
    text = TEXT.replace("sua.lee", long)

    assert shelf.put_in_force(Draft(text, "test", shelf.in_force()), load(text).revision, NOW)
    with house.read() as conn:
        assert {name for _, name in named_owners.known(conn)} == {"rival@namsan"}


def test_only_owners_who_are_people_are_looked_for():
    owned = [each for each in of_policy(load(TEXT)) if not each.shared]
    found = {each.what: (each.owners, each.organization) for each in owned}

    assert found == {
        "rule both": (("sua.lee@hangang", "rival@namsan"), "hangang"),
        "rule alone": (("rival@namsan",), "namsan"),
        "network:git": (("sua.lee@hangang", "rival@namsan"), "hangang"),
    }


def test_while_one_owner_is_here_nothing_is_said(house):
    assert told(house) == set()
    leave(house, "rival")

    assert told(house) == {("rule alone", "rival@namsan", 2)}


@pytest.mark.parametrize("gone", [{"enabled": False}, {"vanished_at": NOW}, {"expires_at": NOW}])
def test_the_owner_of_a_local_group_who_leaves_is_told_to_its_company_once(house, gone):
    leave(house, "sua.lee", **gone)

    assert told(house) == {("group hangang/project", "sua.lee@hangang", 1)}
    told(house, NOW + 300)
    with house.read() as conn:
        assert [each.count for each in alarms.listed(conn)] == [1]


def test_whoever_gets_the_name_of_an_owner_who_left_has_taken_nothing_over(house):
    assert told(house) == set()
    leave_to_a_namesake(house, "sua.lee")
    leave_to_a_namesake(house, "rival", "namsan")

    somebody = " (somebody else has the name now)"
    both = f"sua.lee@hangang{somebody}, rival@namsan{somebody}"
    assert told(house) == {
        ("group hangang/project", "sua.lee.old@hangang", 1),
        *(("rule both", both, 1), ("network:git", both, 1), ("rule alone", f"rival@namsan{somebody}", 2)),
    }


def test_a_name_that_is_given_away_before_the_first_look_after_the_publication_means_who_had_it(house):
    leave_to_a_namesake(house, "rival", "namsan")

    assert ("rule alone", "rival@namsan (somebody else has the name now)", 2) in told(house)


def test_a_name_that_nobody_had_at_the_publication_means_whoever_has_it_first(house):
    shelf = StoredPolicies(house, KEYRING, DICE, "test")
    handed = TEXT.replace("owner: rival@namsan}", "owner: new.hire@namsan}")
    shelf.put_in_force(Draft(handed, "test", load(TEXT).revision), load(handed).revision, NOW)
    assert ("rule alone", "new.hire@namsan", 2) in told(house)
    settle_in(house, "new.hire", "namsan")
    assert told(house) == set()

    leave_to_a_namesake(house, "new.hire", "namsan")

    assert ("rule alone", "new.hire@namsan (somebody else has the name now)", 2) in told(house)


def test_a_policy_that_cannot_be_read_forgets_no_owner(house):
    with house.write() as conn:
        conn.execute(update(policy_versions).values(document="version: 2"))
    assert told(house) == set()
    with house.write() as conn:
        conn.execute(update(policy_versions).values(document=TEXT))

    leave_to_a_namesake(house, "rival", "namsan")

    assert "rule alone" in {subject for subject, _, _ in told(house)}


def test_a_look_that_read_the_policy_before_forgets_nothing_of_a_publication_since(house):
    settle_in(house, "new.hire", "namsan")
    handed = TEXT.replace("owner: rival@namsan}", "owner: new.hire@namsan}")
    shelf = StoredPolicies(house, KEYRING, DICE, "test")
    shelf.put_in_force(Draft(handed, "test", load(TEXT).revision), load(handed).revision, NOW)

    StoredOwners(house, KEYRING, DICE, "test").meant(list(of_policy(load(TEXT))), NOW)
    leave_to_a_namesake(house, "new.hire", "namsan")

    assert ("rule alone", "new.hire@namsan (somebody else has the name now)", 2) in told(house)


def test_what_gets_another_company_is_told_to_that_one(house):
    leave(house, "rival")
    assert {whose for subject, _, whose in told(house) if subject == "rule alone"} == {2}
    shelf = StoredPolicies(house, KEYRING, DICE, "test")
    sold = TEXT.replace("lab: {organization: namsan", "lab: {organization: hangang")
    shelf.put_in_force(Draft(sold, "test", load(TEXT).revision), load(sold).revision, NOW)

    for _ in range(2):
        assert {whose for subject, _, whose in told(house) if subject == "rule alone"} == {1}


def test_whoever_is_named_anew_owns_it(house):
    told(house)
    leave_to_a_namesake(house, "rival", "namsan")
    leave_to_a_namesake(house, "sua.lee")
    assert "rule alone" in {subject for subject, _, _ in told(house)}
    shelf = StoredPolicies(house, KEYRING, DICE, "test")
    without = TEXT.replace(", owner: rival@namsan}", "}")
    shelf.put_in_force(Draft(without, "test", load(TEXT).revision), load(without).revision, NOW)
    assert "rule alone" not in {subject for subject, _, _ in told(house)}

    shelf.put_in_force(Draft(TEXT, "test", load(without).revision), load(TEXT).revision, NOW)

    assert "rule alone" not in {subject for subject, _, _ in told(house)}
    assert "rule both" in {subject for subject, _, _ in told(house)}


def test_whoever_comes_back_under_another_name_is_still_the_owner(house):
    told(house)
    with house.write() as conn:
        conn.execute(update(users).where(users.c.name == "rival").values(name="rival.park"))
    leave(house, "sua.lee")

    assert {subject for subject, _, _ in told(house)} == {"group hangang/project"}


def test_it_clears_when_somebody_else_has_it(house):
    leave(house, "sua.lee")
    leave(house, "rival")
    assert {subject for subject, _, _ in told(house)} == {
        *("group hangang/project", "rule both", "rule alone", "network:git"),
    }

    with house.write() as conn:
        group = local_groups.by_name(conn, 1, "project")
        local_groups.hand_over(conn, group, people.user_by_name(conn, 1, "minjun.kim"), NOW)
    handed = TEXT.replace("rival@namsan", "minjun.kim@hangang")
    shelf = StoredPolicies(house, KEYRING, DICE, "test")
    shelf.put_in_force(Draft(handed, "test", load(TEXT).revision), load(handed).revision, NOW)

    assert told(house) == set()

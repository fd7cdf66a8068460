"""A name in the policy in force that has become somebody else's has an alarm, until it is published again."""

import pytest
from sqlalchemy import update

from access.changes.publishing import Draft
from access.people.reused_names import look
from access.policy.document import load
from access.records.alarms import LONGEST_SUBJECT
from access.store import alarms, named_owners
from access.store.absent_owners import StoredOwners
from access.store.policy_shelf import StoredPolicies
from access.store.tables import policy_versions, users
from tests.access.residents import DICE, KEYRING, NOW, settle_in

TEXT = """\
version: 1
networks:
  git: {organization: hangang, to: [10.99.0.128/28]}
  lab: {organization: namsan, to: [10.98.0.0/28]}
groups:
  project: {organization: hangang, any: [user:minjun.kim@hangang]}
rules:
  - {id: own, permit: [network:git], who: [user:minjun.kim@hangang, group:hangang/vpn]}
  - {id: guest, permit: [network:lab], who: [user:minjun.kim@hangang]}
  - {id: both, permit: [network:git, network:lab], who: [user:sua.lee@hangang]}
"""


@pytest.fixture
def house(database):
    for name in ("minjun.kim", "sua.lee"):
        settle_in(database, name)
    settle_in(database, "rival", "namsan")
    publish(database, TEXT)
    return database


def publish(database, text: str, now: float = NOW) -> None:
    shelf = StoredPolicies(database, KEYRING, DICE, "test")
    assert shelf.put_in_force(Draft(text, "test", shelf.in_force()), load(text).revision, now)


def give_away(database, name: str) -> None:
    """Somebody leaves, and somebody else gets the name."""
    leave(database, name)
    settle_in(database, name)


def leave(database, name: str, entry: str = "left") -> None:
    with database.write() as conn:
        gone = update(users).where(users.c.name == name, users.c.vanished_at.is_(None))
        conn.execute(gone.values(enabled=False, vanished_at=NOW + 60, entry_uuid=entry))


def rename(database, name: str, new: str) -> None:
    """Somebody has another name from now on, as their directory says."""
    with database.write() as conn:
        conn.execute(update(users).where(users.c.name == name).values(name=new))


def told(database, now: float = NOW + 120) -> set[tuple[str, int | None]]:
    look(StoredOwners(database, KEYRING, DICE, "test"), now)
    with database.read() as conn:
        found = alarms.listed(conn)
    assert {(each.kind, each.count) for each in found} <= {("name-reused", 1)}
    return {(each.subject, each.organization_id) for each in found}


def test_every_place_at_which_the_name_stands_is_told_to_the_company_whose_it_is(house):
    assert told(house) == set()
    leave(house, "minjun.kim")
    assert told(house) == set()
    settle_in(house, "minjun.kim")

    everywhere = {
        ("minjun.kim@hangang: own", 1),
        ("minjun.kim@hangang: hangang/project", 1),
        ("minjun.kim@hangang: guest", 2),
    }
    assert told(house) == everywhere
    assert told(house, NOW + 420) == everywhere


def test_what_is_no_companys_alone_is_told_to_the_head_office(house):
    give_away(house, "sua.lee")

    assert told(house) == {("sua.lee@hangang: both", None)}


def test_an_opening_and_a_rule_that_are_called_alike_are_told_each_to_its_company(house):
    opening = "{organization: namsan, site: seoul, permit: [network:lab], who: [user:rival@namsan]}"
    rule = "{id: fire, permit: [network:git], who: [user:rival@namsan]}"
    publish(house, f"{TEXT}  - {rule}\nopenings:\n  fire: {opening}\n")
    leave(house, "rival")
    settle_in(house, "rival", "namsan")

    assert told(house) == {("rival@namsan: fire", 1), ("rival@namsan: openings: fire", 2)}


def test_another_name_leaves_the_alarm_that_is_open_alone(house):
    give_away(house, "sua.lee")
    told(house)
    leave(house, "minjun.kim", "left later")
    settle_in(house, "minjun.kim")

    assert len(told(house)) == 4


def test_a_name_that_went_over_to_somebody_who_is_here_is_told_until_it_is_back_or_published(house):
    settle_in(house, "jiho.park")
    rename(house, "sua.lee", "sua.choi")
    assert told(house) == set()
    rename(house, "jiho.park", "sua.lee")
    assert told(house) == {("sua.lee@hangang: both", None)}

    rename(house, "sua.lee", "jiho.park")
    rename(house, "sua.choi", "sua.lee")
    assert told(house) == set()

    rename(house, "sua.lee", "sua.choi")
    rename(house, "jiho.park", "sua.lee")
    assert told(house) == {("sua.lee@hangang: both", None)}
    publish(house, f"{TEXT}# sua.lee is the new one\n", NOW + 180)
    assert told(house) == set()


def test_what_owners_names_mean_is_kept_beside_it(house):
    owned = TEXT.replace("{id: own,", "{id: own, owner: sua.lee@hangang,")
    publish(house, owned, NOW + 10)
    publish(house, f"{owned}# again\n", NOW + 20)

    with house.read() as conn:
        kept = sorted(named_owners.known(conn))
    assert kept == [
        ("policy", "minjun.kim@hangang"),
        ("policy", "sua.lee@hangang"),
        ("rule own", "sua.lee@hangang"),
    ]


def test_the_alarm_clears_where_the_policy_is_published_again_for_whoever_has_the_name(house):
    give_away(house, "sua.lee")
    told(house)

    publish(house, f"{TEXT}# sua.lee is the new one\n", NOW + 180)

    assert told(house, NOW + 240) == set()


def test_the_alarm_clears_where_whoever_has_the_name_leaves_as_well(house):
    give_away(house, "sua.lee")
    told(house)

    leave(house, "sua.lee", "left as well")

    assert told(house) == set()


def test_a_policy_that_cannot_be_read_says_nothing_new(house):
    give_away(house, "sua.lee")
    told(house)
    with house.write() as conn:
        conn.execute(update(policy_versions).values(document="version: 9"))

    assert told(house) == {("sua.lee@hangang: both", None)}


def test_a_name_that_is_longer_than_an_alarm_tells_is_raised_once(database):
    long = "a" * LONGEST_SUBJECT
    settle_in(database, long)
    publish(database, TEXT.replace("sua.lee", long))
    give_away(database, long)

    assert told(database) == told(database, NOW + 420) == {(long, None)}

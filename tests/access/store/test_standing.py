"""Rules beside the document, as they are kept and as each reader comes to know them."""

from dataclasses import replace

import pytest

from access.changes.publishing import Draft
from access.model import Facts, Method, Reason, Request, Subject, Via
from access.policy.compiled import Policy, compile
from access.policy.decide import decide
from access.policy.document import load
from access.policy.standing import EVERYTHING, Kept, Standing, StandingKind
from access.store import feed, standing, world_copy
from access.store.database import Database
from access.store.feed import Topic
from access.store.pages.policy import StoredPolicyDesk
from access.store.policy_shelf import StoredPolicies
from access.store.tables import standing_rules
from tests.access.residents import DICE, KEYRING, NOW
from tests.access.store.test_world import Worker

POLICY = """\
version: 1
networks:
  payroll: {organization: hangang, to: [10.99.0.144/28]}
rules:
  - {id: door, permit: [login:vpn], who: [organization:hangang]}
"""
GRANT = Standing(
    0,
    StandingKind.GRANT,
    ("user:minjun.kim@hangang",),
    ("network:payroll",),
    until=NOW + 3600,
    owner="sua.lee@hangang",
    created_by="minjun.kim@hangang",
    approvals=("sua.lee@hangang",),
    reason="the audit",
    ticket="OPS-1",
    purpose="November",
    endpoint="02:00:5e:00:53:01",
    organization="hangang",
)
AT_THE_LAPTOP = Facts(via=Via.VPN, method=Method.PAP, station="02:00:5e:00:53:01")


@pytest.fixture
def worker(database: Database):
    worker = Worker(database)
    shelf = StoredPolicies(database, KEYRING, DICE, "test")
    assert shelf.put_in_force(Draft(POLICY, "test", None), load(POLICY).revision, NOW)
    worker.follow()
    yield worker
    worker.world.glance.close()


def granted(database: Database) -> Kept:
    with database.write() as conn:
        return standing.add(conn, Kept(GRANT, organization_id=1, user_id=1), NOW)


def asked(policy: Policy | None, object: str = "network:payroll"):
    subject = Subject(1, "hangang", "minjun.kim")
    return decide(policy, subject, Request(object, AT_THE_LAPTOP), NOW)


def test_a_rule_is_kept_as_it_was_made(database: Database, worker: Worker):
    row = granted(database)

    with database.read() as conn:
        (kept,) = standing.rows(conn)
        assert standing.standing(conn) == [kept.standing]
    assert kept == row
    assert kept.standing == replace(GRANT, id=1, created_at=NOW, user_id=1)
    assert (kept.stands(NOW + 3599), kept.stands(NOW + 3600)) == (True, False)


def test_each_change_counts_and_is_told_in_the_feed(database: Database, worker: Worker):
    with database.read() as conn:
        began = feed.head(conn)
    number = granted(database).standing.id
    with database.write() as conn:
        assert standing.change(conn, number, NOW + 1, valid_to=NOW + 7200)
        assert standing.end(conn, number, "sua.lee@hangang", NOW + 2)
        assert not standing.end(conn, number, "sua.lee@hangang", NOW + 3)

    with database.read() as conn:
        told = [(each.topic, each.key) for each in feed.since(conn, began)]
        (row,) = standing.rows(conn)
        assert standing.standing(conn) == []
    assert told == [(Topic.STANDING, str(number))] * 3
    assert (row.standing.until, row.ended_at, row.ended_by) == (NOW + 7200, NOW + 2, "sua.lee@hangang")


def test_a_worker_counts_a_grant_from_its_next_look_and_until_it_is_taken_back(
    database: Database, worker: Worker
):
    compiled = worker.memory.policy.by_object
    number = granted(database).standing.id

    assert worker.follow() == 1
    assert asked(worker.memory.policy).permits == ("grant-1",)
    assert worker.memory.policy.by_object is compiled

    with database.write() as conn:
        standing.end(conn, number, "sua.lee@hangang", NOW)
    worker.follow()
    assert asked(worker.memory.policy).reason is Reason.NO_PERMIT


def test_another_document_keeps_the_rules_beside_it(database: Database, worker: Worker):
    granted(database)
    shelf = StoredPolicies(database, KEYRING, DICE, "test")
    text = f"{POLICY}# again\n"
    assert shelf.put_in_force(Draft(text, "test", shelf.in_force()), load(text).revision, NOW)

    worker.follow()

    assert asked(worker.memory.policy).permitted


def test_a_worker_that_starts_knows_them_also_from_what_was_written_down(database: Database, worker: Worker):
    granted(database)
    with database.read() as conn:
        written = world_copy.everything(conn, KEYRING)

    for put in world_copy.news_of(written).puts:
        put(worker.memory)
    started = Worker(database, worker.user_id)

    assert asked(worker.memory.policy).permitted
    assert asked(started.memory.policy).permitted
    started.world.glance.close()


def test_the_pages_know_a_rule_at_once(database: Database, worker: Worker):
    desk = StoredPolicyDesk(StoredPolicies(database, KEYRING, DICE, "test"), lambda: NOW)
    assert not asked(desk.current()).permitted

    granted(database)

    assert asked(desk.current()).permitted
    assert desk.current() is desk.current()


def test_what_is_beside_a_policy_is_brought_up_to_date_whatever_it_was(database: Database, worker: Worker):
    stale = compile(load(POLICY)).with_standing(
        [(9, Standing(9, StandingKind.CONTAINMENT, ("organization:hangang",), (EVERYTHING,)))], 0
    )
    granted(database)

    with database.read() as conn:
        policy = standing.beside(conn, stale)

    assert asked(policy).permitted
    assert asked(policy, "login:vpn").permitted


def test_who_counts_at_once_gets_different_numbers(database: Database, worker: Worker):
    for _ in range(3):
        granted(database)

    with database.read() as conn:
        counted = [row.revision for row in conn.execute(standing_rules.select())]
        assert standing.revision(conn) == 3
    assert sorted(counted) == [1, 2, 3]

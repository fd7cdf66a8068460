from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest
from sqlalchemy import delete, insert, literal, select, update

from access.changes.publishing import Draft
from access.directory.credentials import Credentials
from access.logins.memory import Memory
from access.model import Via
from access.nas.registry import Endpoint, NasClient
from access.policy.document import load
from access.proof.throttle import PasswordThrottle
from access.radius.radiusd import RadiusPorts
from access.store import endpoints, feed, nas, world
from access.store.feed import Topic
from access.store.policy_shelf import StoredPolicies
from access.store.tables import groups, memberships, organizations, users
from access.store.world import open_world
from tests.access.residents import DICE, KEYRING, NOW, give_phone, settle_in
from tests.access.two_companies import TwoCompanies

CLIENT = NasClient(0, 1, "vpn", ip_network("192.0.2.7"), ("a secret of some length",), Via.VPN)
PRINTER = Endpoint(0, 1, "00-00-5e-00-53-99", "printer")
POLICY = "version: 1\n"


class Worker:
    """A memory that is kept true by a world, which looks without anybody's transaction around it."""

    def __init__(self, database, user_id=0):
        self.database = database
        self.user_id = user_id or settle_in(database)
        self.world = open_world(database, KEYRING)
        self.memory = Memory()
        self._take(self.world.all())

    def follow(self):
        """Take what changed, and return how many things were put."""
        return self._take(self.world.since(self.position))

    def _take(self, news):
        for put in news.puts:
            put(self.memory)
        self.position = news.position
        return len(news.puts)

    def change(self, topic, key, *statements):
        with self.database.write() as conn:
            for statement in statements:
                conn.execute(statement)
            feed.append(conn, topic, str(key), 1, NOW)

    def join(self, name):
        row = {"id": 5, "organization_id": 1, "entry_uuid": name, "name": name, "dn": f"cn={name}"}
        return insert(groups).values(row), insert(memberships).values(user_id=self.user_id, group_id=5)

    @property
    def user(self):
        return self.memory.meant("minjun.kim", 1)[2]


@pytest.fixture
def worker(database):
    worker = Worker(database)
    yield worker
    worker.world.glance.close()


def test_everything_is_known_at_the_start(database):
    user_id = settle_in(database)
    with database.write() as conn:
        nas.add(conn, KEYRING, CLIENT, NOW, DICE)
        endpoints.add(conn, PRINTER, NOW)
    assert StoredPolicies(database, KEYRING, DICE, "t").put_in_force(
        Draft(POLICY, "t", None), load(POLICY).revision, NOW
    )

    worker = Worker(database, user_id)

    assert worker.user.name == "minjun.kim"
    assert worker.memory.find_nas(ip_address("192.0.2.7")).name == "vpn"
    assert worker.memory.endpoint(PRINTER.mac).name == "printer"
    assert worker.memory.policy.revision == load(POLICY).revision
    assert worker.follow() == 0
    worker.world.glance.close()


def test_a_person_who_joins_a_group_is_in_it(worker):
    worker.change(Topic.USER, worker.user_id, *worker.join("staff"))

    assert worker.follow() == 1
    assert worker.user.groups == {"hangang/staff"}
    assert worker.follow() == 0


def test_a_person_who_is_disabled_is_disabled(worker):
    worker.change(Topic.USER, worker.user_id, update(users).values(enabled=False))

    worker.follow()
    assert not worker.user.enabled


def test_people_of_a_group_that_changes_are_told_one_by_one(worker):
    worker.change(Topic.USER, worker.user_id, *worker.join("staff"))
    worker.follow()
    worker.change(Topic.GROUP, 5, update(groups).values(name="engineers"))
    worker.change(Topic.USER, worker.user_id)

    assert worker.follow() == 1
    assert worker.user.groups == {"hangang/engineers"}


def test_a_company_that_changes_is_known_by_its_new_realm(worker):
    worker.change(Topic.ORGANIZATION, 1, update(organizations).values(realm="hangang.test"))

    worker.follow()
    assert worker.memory.full_name(worker.user) == "minjun.kim@hangang.test"


def test_nas_and_endpoints_come_and_go(worker):
    with worker.database.write() as conn:
        nas_id = nas.add(conn, KEYRING, CLIENT, NOW, DICE)
        endpoint_id = endpoints.add(conn, PRINTER, NOW)
    worker.follow()
    assert worker.memory.find_nas(ip_address("192.0.2.7")).key == str(nas_id)
    assert worker.memory.endpoint(PRINTER.mac).id == endpoint_id

    with worker.database.write() as conn:
        nas.remove(conn, replace(CLIENT, id=nas_id), NOW)
        endpoints.remove(conn, replace(PRINTER, id=endpoint_id), NOW)
    worker.follow()
    assert worker.memory.find_nas(ip_address("192.0.2.7")) is None
    assert worker.memory.endpoint(PRINTER.mac) is None


def test_a_policy_counts_when_it_is_published(worker):
    shelf = StoredPolicies(worker.database, KEYRING, DICE, "t")
    assert worker.memory.policy is None
    shelf.put_in_force(Draft(POLICY, "t", None), load(POLICY).revision, NOW)

    worker.follow()
    assert worker.memory.policy.revision == load(POLICY).revision


def test_who_vanished_from_the_table_is_nobody(worker):
    worker.change(Topic.USER, worker.user_id, delete(users))

    worker.follow()
    assert worker.user is None


def test_what_concerns_no_login_costs_nothing(worker):
    worker.change(Topic.SESSION, 1)
    worker.change(Topic.TOKEN, 1)

    assert worker.follow() == 0
    assert worker.follow() == 0


def test_after_the_feed_was_cut_everything_is_read_again(worker):
    worker.change(Topic.SESSION, 1)
    worker.follow()
    assert worker.follow() == 0
    worker.change(Topic.USER, worker.user_id, update(users).values(enabled=False))
    worker.change(Topic.SESSION, 1)
    with worker.database.write() as conn:
        feed.prune(conn, NOW + 1)

    worker.follow()
    assert not worker.user.enabled
    assert worker.follow() == 0


def test_very_many_changes_are_taken_in_parts_and_said_to_be(worker, monkeypatch):
    monkeypatch.setattr(world, "MOST_CHANGES", 2)
    other = users.insert().from_select(
        ["id", "organization_id", "entry_uuid", "name", "dn"],
        select(users.c.id + 100, users.c.organization_id, literal("other"), literal("other"), users.c.dn),
    )
    for key, statements in ((worker.user_id, ()), (worker.user_id + 100, (other,)), (worker.user_id, ())):
        worker.change(Topic.USER, key, *statements)
    worker.change(Topic.USER, worker.user_id, update(users).values(enabled=False))

    first = worker.world.since(worker.position)
    worker._take(first)
    assert first.behind
    assert worker.memory.meant("other", 1)[2].name == "other"

    second = worker.world.since(worker.position)
    worker._take(second)
    assert second.position > first.position
    assert not worker.user.enabled
    assert worker.follow() == 0
    assert not worker.world.since(worker.position).behind


def test_a_nas_whose_secret_does_not_open_is_left_out(worker):
    with worker.database.write() as conn:
        nas.add(conn, KEYRING, CLIENT, NOW, DICE)
        conn.execute(update(nas.nas).values(secret=b"damaged"))
        nas.add(conn, KEYRING, replace(CLIENT, name="b", network=ip_network("192.0.2.8")), NOW, DICE)

    worker.follow()
    assert worker.memory.find_nas(ip_address("192.0.2.7")) is None
    assert worker.memory.find_nas(ip_address("192.0.2.8")).name == "b"


def test_who_is_linked_is_known_with_the_feed_and_phones_count_until_the_link_is_cut(database):
    two = TwoCompanies(database)
    give_phone(database, two.ids["minjun.kim"])
    other = two.ids["mj.kim"]
    worker = Worker(database, other)
    ports = RadiusPorts(database, KEYRING, DICE, PasswordThrottle(), Credentials({}, {}), worker.memory)
    assert not ports.active_tokens_of([other]).get(other)

    made = two.linked()
    assert not ports.active_tokens_of([other]).get(other)
    worker.follow()
    assert len(ports.active_tokens_of([other])[other]) == len(ports.active_tokens(other)) == 1
    assert not worker.memory.is_linked(two.ids["boss"])

    # At once, whatever the worker still believes: the database says whose phones count.
    two.links.end(two.user("chief"), made.id, NOW)
    assert worker.memory.is_linked(other)
    assert not ports.active_tokens_of([other]).get(other)
    worker.follow()
    assert not worker.memory.is_linked(other)
    worker.world.glance.close()
    ports.close()
    two.codes.close()

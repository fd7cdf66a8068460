from collections.abc import Iterator

import pytest
from sqlalchemy import delete, insert, select, update

from access.directory.entries import Person
from access.directory.roster import Changes
from access.nas.registry import Endpoint
from access.people.relink import BadRelink
from access.policy.standing import EVERYTHING, Kept, Standing, StandingKind
from access.proof.authentication import Spent
from access.proof.network_password import PasswordSummary, open_one
from access.records.alarms import AlarmKind
from access.store import codes, endpoints, network_passwords, people, rosters, standing, tokens
from access.store.database import Database
from access.store.relinks import StoredRelinks
from access.store.tables import (
    alarms,
    audit,
    ending_memberships,
    feed,
    groups,
    last_uses,
    policy_approvals,
    users,
)
from otp import recovery
from otp.token import State
from tests.access.residents import KEYRING, NOW, Dice, changes, give_phone, settle_in, shown
from tests.access.two_companies import ADMINS, TwoCompanies

SECOND = b"another twenty octets"
LATER = NOW + 3600


class Reborn(TwoCompanies):
    """minjun.kim of hangang left and has a new entry of the same number; both have a phone."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.old = self.ids["minjun.kim"]
        self.number(self.old, "E-1001")
        give_phone(database, self.old)
        with database.write() as conn:
            gone = {"vanished_at": NOW, "enabled": False, "dn_key": ""}
            conn.execute(update(users).where(users.c.id == self.old).values(**gone))
        self.new = settle_in(database, "minjun.kim.2", "hangang")
        with database.write() as conn:
            named = update(users).where(users.c.id == self.new)
            conn.execute(named.values(name="minjun.kim", entry_uuid="a-new-entry"))
        self.number(self.new, "E-1001")
        self.relinks = StoredRelinks(
            database, KEYRING, self.dice, "web", ADMINS, frozenset({"hangang", "namsan"})
        )

    def number(self, user_id: int, number: str) -> None:
        with self.database.write() as conn:
            conn.execute(update(users).where(users.c.id == user_id).values(employee_number=number))

    def relink(self, by: str = "boss", old: int = 0, new: int = 0):
        return self.relinks.relink(self.user(by), old or self.old, new or self.new, LATER)

    def rows(self, query):
        with self.database.read() as conn:
            return conn.execute(query).all()


@pytest.fixture
def reborn(database: Database) -> Iterator[Reborn]:
    made = Reborn(database)
    yield made
    made.codes.close()


def test_who_looks_like_the_same_person_is_told_and_nothing_moves(reborn: Reborn):
    (found,) = reborn.relinks.candidates()

    assert (found.old.user_id, found.new.user_id) == (reborn.old, reborn.new)
    assert found.moves["phones"] == 1
    assert reborn.relinks.tell(LATER) == 1
    assert reborn.relinks.tell(LATER) == 1
    (raised,) = reborn.rows(select(alarms))
    assert (raised.kind, raised.count, raised.cleared_at) == (AlarmKind.PERSON_RETURNED, 1, None)
    assert not reborn.codes.active_tokens(reborn.new)


@pytest.mark.parametrize("by", ["chief", "head", "minjun.kim"])
def test_only_an_administrator_of_the_company_decides(reborn: Reborn, by: str):
    with pytest.raises(BadRelink):
        reborn.relink(by)

    assert not reborn.codes.active_tokens(reborn.new)


def test_two_who_are_both_there_are_two_people(reborn: Reborn):
    with reborn.database.write() as conn:
        conn.execute(update(users).where(users.c.id == reborn.old).values(vanished_at=None))

    with pytest.raises(BadRelink, match="still in the directory"):
        reborn.relink()
    assert reborn.relinks.candidates() == []


@pytest.mark.parametrize("there", [True, False])
def test_a_number_of_several_people_says_nothing(reborn: Reborn, there: bool):
    other = settle_in(reborn.database, "other", "hangang")
    reborn.number(other, "E-1001")
    if not there:
        with reborn.database.write() as conn:
            conn.execute(update(users).where(users.c.id == other).values(vanished_at=NOW))

    with pytest.raises(BadRelink, match="More than two accounts"):
        reborn.relink()
    assert all(each.doubtful for each in reborn.relinks.candidates())


def test_another_number_another_company_and_no_setting_are_refused(reborn: Reborn):
    reborn.number(reborn.new, "E-2")
    with pytest.raises(BadRelink, match="do not have the same"):
        reborn.relink()
    with pytest.raises(BadRelink, match="No such accounts"):
        reborn.relink(new=reborn.ids["mj.kim"])
    unset = StoredRelinks(reborn.database, KEYRING, Dice(), "web", ADMINS, frozenset())
    with pytest.raises(BadRelink, match="stable_attribute"):
        unset.relink(reborn.user("boss"), reborn.old, reborn.new, LATER)
    assert unset.candidates() == []


def test_the_old_account_goes_on_under_the_new_entry_with_all_it_had(reborn: Reborn):
    database = reborn.database
    owner = (reborn.new, reborn.organization_id("hangang"))
    with database.write() as conn:
        printed, kept = recovery.issue(Dice(5), reborn.codes.code_key())
        codes.replace_recovery(conn, reborn.new, kept, KEYRING.current, NOW)
        summary = PasswordSummary(0, "노트북", NOW, valid_until=NOW + 1e7)
        network_passwords.add(conn, KEYRING, Dice(6), summary, owner)
    give_phone(database, reborn.new, SECOND)
    reborn.ids["reborn"] = reborn.new
    reborn.join("reborn", "staff")
    reborn.relinks.tell(NOW)

    reborn.relink()

    with database.read() as conn:
        alive = people.user_by_name(conn, owner[1], "minjun.kim")
        folded = people.user_by_id(conn, reborn.new)
        (password,) = network_passwords.standing_of(conn, reborn.old)
        owned = tokens.tokens_of(conn, KEYRING, reborn.old, State.ACTIVE)
        entry = conn.execute(select(users.c.entry_uuid).where(users.c.id == reborn.old)).scalar_one()
    assert alive is not None
    assert folded is not None
    assert (alive.id, alive.enabled, entry) == (reborn.old, True, "a-new-entry")
    assert alive.groups == {"hangang/staff"}
    assert (folded.enabled, folded.groups) == (False, frozenset())
    assert len(owned) == 2
    assert open_one(password, KEYRING).password
    reborn.ids["minjun.kim"] = reborn.old
    assert isinstance(reborn.spend("minjun.kim", shown()), Spent)
    assert isinstance(reborn.spend("minjun.kim", shown(SECOND)), Spent)
    assert isinstance(reborn.spend("minjun.kim", printed[0]), Spent)
    assert reborn.relinks.candidates() == []
    assert reborn.relinks.tell(LATER) == 0
    assert reborn.rows(select(alarms.c.cleared_at)) == [(LATER,)]
    told = reborn.rows(select(audit.c.user_id).where(audit.c.reason == "PERSON_RELINKED"))
    assert {user_id for (user_id,) in told} == {reborn.old, reborn.new}
    for user_id in (reborn.old, reborn.new):
        assert ("user", str(user_id)) in changes(database)


def test_what_both_accounts_have_of_one_thing_stands_in_the_way_of_nothing(reborn: Reborn):
    with reborn.database.write() as conn:
        group = {"organization_id": 1, "entry_uuid": "local:1", "name": "auditors", "dn": "local:1"}
        group_id = conn.execute(insert(groups).values(**group).returning(groups.c.id)).scalar_one()
        for user_id, at in ((reborn.old, NOW - 86400), (reborn.new, NOW)):
            conn.execute(insert(last_uses).values(user_id=user_id, object="login:vpn", at=at))
            row = {"user_id": user_id, "group_id": group_id, "until": NOW + 86400}
            conn.execute(insert(ending_memberships).values(**row))
            approval = {"revision": "a", "base": "b", "user_id": user_id, "at": at}
            conn.execute(insert(policy_approvals).values(**approval, stamp_key="k", stamp=b"s"))

    reborn.relink()

    assert reborn.rows(select(last_uses.c.user_id, last_uses.c.at)) == [(reborn.old, NOW)]
    assert reborn.rows(select(ending_memberships.c.user_id)) == [(reborn.old,)]
    assert reborn.rows(select(policy_approvals.c.user_id, policy_approvals.c.at)) == [(reborn.old, NOW)]


def test_a_containment_of_the_newer_account_is_of_the_one_that_goes_on(reborn: Reborn):
    contained = Standing(0, StandingKind.CONTAINMENT, ("user:minjun.kim@hangang",), (EVERYTHING,))
    with reborn.database.write() as conn:
        standing.add(conn, Kept(contained, organization_id=1, user_id=reborn.new), NOW)

    reborn.relink()

    with reborn.database.read() as conn:
        assert [each.user_id for each in standing.standing(conn)] == [reborn.old]
        assert standing.revision(conn) == 2
    (told, _) = reborn.rows(select(feed.c.key).where(feed.c.topic == "standing"))
    assert told.key == "1"


def test_the_endpoints_of_both_accounts_are_of_the_one_that_goes_on_and_everybody_is_told(reborn: Reborn):
    with reborn.database.write() as conn:
        for last, owner in (("01", reborn.old), ("02", reborn.new)):
            mine = Endpoint(0, 1, f"00-00-5e-00-53-{last}", "laptop", "minjun.kim@hangang", owner_id=owner)
            number = endpoints.add(conn, mine, NOW)
        conn.execute(delete(feed))

    reborn.relink()

    with reborn.database.read() as conn:
        owned = endpoints.owned_by(conn, reborn.old)
        assert endpoints.owned_by(conn, reborn.new) == []
    assert [each.mac[-2:] for each in owned] == ["01", "02"]
    assert reborn.rows(select(feed.c.key).where(feed.c.topic == "endpoint")) == [(str(number),)]


def test_what_the_directory_says_later_is_written_to_the_account_that_goes_on(reborn: Reborn):
    reborn.relink()
    moved = Person(
        "a-new-entry", "minjun.kim", "uid=minjun.kim,ou=new", "key", "김민준", employee_number="E-1001"
    )
    told = Changes(people={"a-new-entry": moved}, touched=frozenset({"a-new-entry"}))

    with reborn.database.write() as conn:
        rosters.apply(conn, reborn.organization_id("hangang"), told, LATER + 1)

    with reborn.database.read() as conn:
        found = people.user_by_id(conn, reborn.old)
    assert found is not None
    assert (found.dn, found.enabled) == ("uid=minjun.kim,ou=new", True)


def test_a_second_time_is_refused(reborn: Reborn):
    reborn.relink()

    with pytest.raises(BadRelink):
        reborn.relink()

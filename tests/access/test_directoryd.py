"""The directory process against a real slapd: nobody calls sync, and the tables follow."""

import os
import shutil
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial

import pytest
import structlog

from access import directoryd
from access.app import App, mirror_organizations
from access.changes.publishing import Draft
from access.commands import directory as commands
from access.commands import directory_asking as asking
from access.config import OrganizationSettings, Settings
from access.directory.errors import DirectoryUnavailable
from access.directory.fuse import ALWAYS_BELIEVED
from access.directory.settings import Sync
from access.gateways.owners import own_name
from access.keys.sealing import Keyring
from access.policy.document import load
from access.store import alarms, audit, directories, leases, organizations, people, runs
from access.store.audit import Selection
from access.store.database import Database
from access.store.directories import SyncRequest
from access.store.directory_desk import StoredDirectoryDesk
from access.store.leads import FollowedElsewhere, Lead
from access.store.policy_shelf import StoredPolicies
from tests.access.directory.companies import settings_of
from tests.access.directory.silence import server_that
from tests.peers.people import hangang, namsan
from tests.peers.ports import free_port
from tests.peers.slapd import Options, Slapd
from tests.peers.waiting import wait_until

pytestmark = pytest.mark.peer("slapd")


class Gate:
    """The application over two directories, with the directory process in a thread."""

    def __init__(self, app, slapd):
        self.app, self.slapd = app, slapd

    def user(self, organization, name):
        with self.app.database.read() as conn:
            known = {each.key: each for each in organizations.all_organizations(conn)}
            return people.user_by_name(conn, known[organization].id, name)

    def status(self, organization):
        with self.app.database.read() as conn:
            return directories.status(conn, organization)

    def organization(self, key):
        with self.app.database.read() as conn:
            return next(each for each in organizations.all_organizations(conn) if each.key == key)

    def alarms(self):
        with self.app.database.read() as conn:
            return {each.kind for each in alarms.listed(conn)}

    def noted(self):
        with self.app.database.read() as conn:
            read = audit.records(conn, Selection(kind="directory"), KEYRING)
        return [each.detail["what"] for each in read]

    @contextmanager
    def running(self):
        stop = threading.Event()
        thread = threading.Thread(target=directoryd.run, args=(self.app, stop))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(30)
            assert not thread.is_alive()


HANGANG, NAMSAN = hangang(), namsan()
LOCKED = "000001010000Z"
POLICY = """
version: 1
rules:
  - id: staff
    permit: [login:vpn]
    who:
      - group:{group}
"""
KEYRING = Keyring({"first": bytes(range(32))}, current="first")


def open_gate(database, slapd, **changes):
    settings = Settings(
        organizations={
            "hangang": OrganizationSettings(
                "한강전자", "hangang.example", replace(settings_of(slapd, HANGANG), **changes)
            ),
            "namsan": OrganizationSettings("남산소프트", "namsan.example", settings_of(slapd, NAMSAN)),
        }
    )
    app = App(settings, KEYRING, database)
    mirror_organizations(app)
    return Gate(app, slapd)


@pytest.fixture
def gate(database, directory):
    return open_gate(database, directory.slapd)


@pytest.fixture
def sqlite_gate(migrated_sqlite, tmp_path, directory):
    shutil.copy(migrated_sqlite, tmp_path / "gate.sqlite")
    database = Database(f"sqlite:///{tmp_path}/gate.sqlite", tmp_path / "lock")
    yield open_gate(database, directory.slapd)
    database.close()


def _longer(told, event, than):
    return len(told(event)) > than


def move(slapd, uid, branch, other):
    """Put somebody below another branch."""
    dn = f"uid={uid},ou={branch},{HANGANG.suffix}"
    slapd.rename(dn, f"uid={uid}", parent=f"ou={other},{HANGANG.suffix}")


def publish(gate, group, attribute=""):
    text = POLICY.format(group=group) + (f'      - "{attribute}"\n' if attribute else "")
    shelf = StoredPolicies(gate.app.database, KEYRING, os.urandom, "test")
    assert shelf.put_in_force(Draft(text, "test", None), load(text).revision, gate.app.clock())


def admin_of(company):
    return company.group("it-admins").people[0]


def test_a_removal_from_a_group_reaches_the_tables_by_itself(gate):
    uid = admin_of(HANGANG)
    with gate.running():
        wait_until(lambda: gate.user("hangang", uid) is not None, "the first sync")
        assert "hangang/it-admins" in gate.user("hangang", uid).groups

        gate.slapd.leave(HANGANG, "it-admins", uid)

        wait_until(
            lambda: "hangang/it-admins" not in gate.user("hangang", uid).groups, "the removal to be noticed"
        )


def test_both_organizations_are_followed_and_a_broken_one_disturbs_nobody(database, directory):
    gate = open_gate(database, directory.slapd, bind_password="wrong")
    uid = admin_of(NAMSAN)
    with gate.running():
        wait_until(lambda: gate.user("namsan", uid) is not None, "the first sync of the other one")
        wait_until(lambda: gate.status("hangang").failure is not None, "the failure to be shown")
        gate.slapd.leave(NAMSAN, "it-admins", uid)
        wait_until(lambda: "namsan/it-admins" not in gate.user("namsan", uid).groups, "the removal")

    assert "bind_dn and bind_password" in gate.status("hangang").failure
    assert gate.user("hangang", admin_of(HANGANG)) is None
    assert gate.status("namsan").failure is None


def test_a_server_that_was_away_is_followed_again(sqlite_gate):
    gate, uid = sqlite_gate, admin_of(HANGANG)
    with gate.running():
        wait_until(lambda: gate.user("hangang", uid) is not None, "the first sync")
        gate.slapd.daemon.stop()
        wait_until(lambda: gate.status("hangang").failure is not None, "the failure to be shown")

        gate.slapd.restart()
        gate.slapd.leave(HANGANG, "it-admins", uid)

        wait_until(lambda: "hangang/it-admins" not in gate.user("hangang", uid).groups, "the removal")
        assert gate.status("hangang").failure is None


def test_the_all_clear_comes_where_nothing_had_changed_meanwhile(sqlite_gate):
    gate = sqlite_gate
    with structlog.testing.capture_logs() as lines, gate.running():

        def told(event):
            return [line for line in lines if (line["event"], line.get("organization")) == (event, "hangang")]

        wait_until(lambda: told("directory in step"), "the first sync")
        for _ in range(2):
            before = len(told("directory in step"))
            gate.slapd.daemon.stop()
            wait_until(partial(_longer, told, "directory needs attention", before - 1), "the warning")
            gate.slapd.restart()
            wait_until(partial(_longer, told, "directory in step", before), "the all-clear")


def test_after_a_process_that_was_killed_nobody_waits(sqlite_gate):
    gate, uid = sqlite_gate, admin_of(HANGANG)
    place, pid, _, rest = own_name().split("/")
    Lead(gate.app.database, gate.app.clock, gate.organization("hangang"), f"{place}/{pid}/1/{rest}").take()

    with gate.running():
        wait_until(lambda: gate.user("hangang", uid) is not None, "the first sync")


def test_a_second_process_says_once_that_it_stands_by(sqlite_gate):
    gate, organization = sqlite_gate, sqlite_gate.organization("hangang")
    lead = Lead(gate.app.database, gate.app.clock, organization, "somebody elsewhere")
    lead.take()
    with structlog.testing.capture_logs() as lines, gate.running():
        wait_until(lambda: [line for line in lines if line["organization"] == "hangang"], "the line")

    line = next(line for line in lines if line["organization"] == "hangang")
    assert (line["event"], line["log_level"]) == (
        "standing by; another process follows the directory",
        "info",
    )


def test_everyone_stays_while_the_server_is_away(sqlite_gate):
    gate, uid = sqlite_gate, admin_of(HANGANG)
    with gate.running():
        wait_until(lambda: gate.user("hangang", uid) is not None, "the first sync")
        gate.slapd.daemon.stop()
        wait_until(lambda: gate.status("hangang").failure is not None, "the failure to be shown")

    assert gate.user("hangang", uid).enabled


def test_a_directory_without_syncrepl_is_polled(migrated_sqlite, tmp_path):
    shutil.copy(migrated_sqlite, tmp_path / "gate.sqlite")
    database = Database(f"sqlite:///{tmp_path}/gate.sqlite", tmp_path / "lock")
    uid = admin_of(HANGANG)
    with Slapd((HANGANG, NAMSAN), Options(session_log=None)) as slapd:
        gate = open_gate(database, slapd)
        with gate.running():
            wait_until(lambda: gate.user("hangang", uid) is not None, "the first sync")
            slapd.leave(HANGANG, "it-admins", uid)
            wait_until(lambda: "hangang/it-admins" not in gate.user("hangang", uid).groups, "the removal")
    database.close()


def test_one_process_follows_and_a_second_one_waits(sqlite_gate):
    gate = sqlite_gate
    organization = gate.organization("hangang")
    with gate.app.database.write() as conn:
        assert leases.acquire(conn, f"directory.{organization.id}", "somebody else", gate.app.clock(), 60)

    with gate.running():
        wait_until(lambda: gate.user("namsan", admin_of(NAMSAN)) is not None, "the other organization")
        assert gate.user("hangang", admin_of(HANGANG)) is None

    with pytest.raises(FollowedElsewhere):
        directoryd.sync_once(gate.app, organization, False)


def test_a_sync_without_a_running_process_is_done_at_once(sqlite_gate):
    done, text = commands._sync(sqlite_gate.app, sqlite_gate.organization("hangang"), False)

    assert done
    assert text.startswith(f"{len(HANGANG.people)} people, {len(HANGANG.groups)} groups")
    assert sqlite_gate.user("hangang", admin_of(HANGANG)).groups


def test_a_running_process_is_asked_to_sync(sqlite_gate):
    gate = sqlite_gate
    with gate.running():
        wait_until(lambda: gate.user("hangang", admin_of(HANGANG)) is not None, "the first sync")

        done, text = commands._sync(gate.app, gate.organization("hangang"), False)

    assert done
    assert "0 people changed" in text


def test_a_mass_disappearance_is_held_until_an_operator_accepts_it(sqlite_gate):
    gate = sqlite_gate
    leaving = [person.uid for person in HANGANG.people[20:80]]
    directoryd.sync_once(gate.app, gate.organization("hangang"), False)
    for uid in leaving:
        gate.slapd.delete(HANGANG.person_dn(uid))

    with gate.running():
        wait_until(lambda: gate.status("hangang").failure is not None, "the reading to be held")
        assert "60 of 120 people would vanish" in gate.status("hangang").failure
        assert gate.user("hangang", leaving[0]).enabled

        done, _ = commands._sync(gate.app, gate.organization("hangang"), True)

    assert done
    assert not gate.user("hangang", leaving[0]).enabled
    assert gate.status("hangang").failure is None


def test_who_is_disabled_is_cut_at_once_while_half_a_company_waits_for_approval(sqlite_gate):
    with Slapd((HANGANG, NAMSAN), Options(password_policy=True)) as slapd:
        half_vanish_while_twelve_are_disabled(open_gate(sqlite_gate.app.database, slapd))


def half_vanish_while_twelve_are_disabled(gate):
    office = gate.organization("hangang")
    disabled, leaving = HANGANG.people[:12], HANGANG.people[60:]
    directoryd.sync_once(gate.app, office, False)
    for person in disabled:
        gate.slapd.replace(HANGANG.person_dn(person.uid), {"pwdAccountLockedTime": [LOCKED]})
    for person in leaving:
        gate.slapd.delete(HANGANG.person_dn(person.uid))
    desk = StoredDirectoryDesk(gate.app.database, KEYRING, os.urandom, gate.app.clock, "test")

    with gate.running():
        wait_until(lambda: len(desk.difference(office)) == 60, "the difference")
        wait_until(lambda: not gate.user("hangang", disabled[11].uid).enabled, "the twelve")
        assert not any(gate.user("hangang", each.uid).enabled for each in disabled)
        assert all(gate.user("hangang", each.uid).enabled for each in leaving)
        assert gate.alarms() == {"directory-mass-change"}

        assert desk.approve(office, "boss@hangang") is not None

        wait_until(lambda: not gate.user("hangang", leaving[0].uid).enabled, "the approved to go")
        wait_until(lambda: gate.alarms() == set(), "the end of the alarm")
    assert not any(gate.user("hangang", each.uid).enabled for each in leaving)
    assert "directory.approved" in gate.noted(), "an approval is recorded"
    assert gate.status("hangang").failure is None


def test_what_was_rejected_stays_until_the_directory_shows_it_again(sqlite_gate):
    gate, office = sqlite_gate, sqlite_gate.organization("hangang")
    leaving = HANGANG.people[60:]
    before = directoryd.sync_once(gate.app, office, False).people
    groups = {each.uid: gate.user("hangang", each.uid).groups for each in leaving}
    for person in leaving:
        move(gate.slapd, person.uid, "people", "groups")
    assert directoryd.sync_once(gate.app, office, False).failure
    desk = StoredDirectoryDesk(gate.app.database, KEYRING, os.urandom, gate.app.clock, "test")

    assert desk.reject(office, "boss@hangang") >= 60

    assert gate.alarms() == set()
    assert directoryd.sync_once(gate.app, office, False).failure, "and it stays so"
    assert gate.alarms() == set()
    assert {each.rejected_by for each in desk.difference(office)} == {"boss@hangang"}
    for person in leaving:
        move(gate.slapd, person.uid, "groups", "people")
    outcome = directoryd.sync_once(gate.app, office, False)
    assert (outcome.failure, outcome.people) == ("", before)
    assert {each.uid: gate.user("hangang", each.uid).groups for each in leaving} == groups


def test_many_who_lose_a_group_of_the_policy_keep_it_until_it_is_approved(sqlite_gate):
    gate, office = sqlite_gate, sqlite_gate.organization("hangang")
    losing = HANGANG.members("vpn-users") - HANGANG.members("it-admins")
    uid = min(losing)
    publish(gate, "hangang/vpn-users")
    directoryd.sync_once(gate.app, office, False)
    gate.slapd.replace(HANGANG.group_dn("vpn-users"), {"member": [HANGANG.group_dn("it-admins")]})

    outcome = directoryd.sync_once(gate.app, office, False)

    assert f"{len(losing)} of 120 people would lose a group" in outcome.failure
    assert "hangang/vpn-users" in gate.user("hangang", uid).groups
    assert not directoryd.sync_once(gate.app, office, False, directoryd.Asked(approve=True)).failure
    assert "hangang/vpn-users" not in gate.user("hangang", uid).groups


def test_a_column_that_somebody_clears_is_kept_until_it_is_approved_and_who_leaves_goes(
    sqlite_gate, directory
):
    gate = open_gate(sqlite_gate.app.database, directory.slapd, attributes=("employeeType",))
    office, slapd = gate.organization("hangang"), gate.slapd
    publish(gate, "hangang/vpn-users", "attribute:hangang/employeeType=regular")
    everybody = [each.uid for each in HANGANG.people]
    for uid in everybody:
        slapd.replace(HANGANG.person_dn(uid), {"employeeType": ["regular"]})
    directoryd.sync_once(gate.app, office, False)
    desk = StoredDirectoryDesk(gate.app.database, KEYRING, os.urandom, gate.app.clock, "test")

    def still():
        return {uid for uid in everybody if "employeetype=regular" in gate.user("hangang", uid).attributes}

    with gate.running():
        wait_until(lambda: gate.status("hangang").synced_at is not None, "the process to follow")
        for uid in everybody:
            slapd.replace(HANGANG.person_dn(uid), {"employeeType": []})
        out = everybody[-1]
        slapd.delete(HANGANG.person_dn(out))
        wait_until(lambda: not gate.user("hangang", out).enabled, "the leaver to go")

        assert gate.alarms() == {"directory-mass-change"}
        kept = still()
        assert len(everybody) - 1 - len(kept) <= ALWAYS_BELIEVED
        assert out not in kept
        lines = {(each.what, each.name, each.more) for each in desk.difference(office)}
        assert lines == {("attribute", uid, "employeetype=regular → –") for uid in kept}

        desk.approve(office, "boss@hangang")
        wait_until(lambda: not still(), "the approved to go")
        wait_until(lambda: gate.alarms() == set(), "the end of the alarm")


def test_another_base_asks_before_it_takes_a_single_person(sqlite_gate, directory):
    gate = sqlite_gate
    directoryd.sync_once(gate.app, gate.organization("hangang"), False)
    leaver = HANGANG.people[30].uid
    filtered = f"(&(objectClass=inetOrgPerson)(!(uid={leaver})))"
    other = open_gate(gate.app.database, directory.slapd, user_filter=filtered)
    office = other.organization("hangang")

    with other.running():
        wait_until(lambda: other.status("hangang").failure is not None, "the question")
        assert other.user("hangang", leaver).enabled
        assert "1 of 120 people would vanish" in other.status("hangang").failure
        assert other.alarms() == {"directory-mass-change"}

    assert not directoryd.sync_once(other.app, office, False, directoryd.Asked(approve=True)).failure
    assert not other.user("hangang", leaver).enabled
    assert other.alarms() == set()


def test_another_name_attribute_asks_before_it_renames_anybody(sqlite_gate, directory):
    gate = sqlite_gate
    directoryd.sync_once(gate.app, gate.organization("hangang"), False)
    uid = HANGANG.people[30].uid
    other = open_gate(gate.app.database, directory.slapd, name_attribute="employeeNumber")

    outcome = directoryd.sync_once(other.app, other.organization("hangang"), False)

    assert "120 of 120 people would have another name" in outcome.failure
    assert other.user("hangang", uid).enabled


def test_a_directory_that_is_down_for_ten_minutes_raises_an_alarm_that_clears_itself(sqlite_gate):
    gate, office = sqlite_gate, sqlite_gate.organization("hangang")
    gate.slapd.daemon.stop()
    now = 1_800_000_000.0
    for later, open_alarms in ((0, set()), (599, set()), (600, {"directory-failing"})):
        app = replace(gate.app, clock=lambda at=now + later: at)
        with pytest.raises(DirectoryUnavailable):
            directoryd.sync_once(app, office, False)
        assert gate.alarms() == open_alarms

    gate.slapd.restart()
    directoryd.sync_once(gate.app, office, False)

    assert gate.alarms() == set()


def test_a_running_process_puts_a_run_back_and_does_not_do_it_again(sqlite_gate):
    gate, office = sqlite_gate, sqlite_gate.organization("hangang")
    leaver = HANGANG.people[30].uid
    directoryd.sync_once(gate.app, office, False)
    groups = gate.user("hangang", leaver).groups
    with gate.running():
        gate.slapd.delete(HANGANG.person_dn(leaver))
        wait_until(lambda: not gate.user("hangang", leaver).enabled, "the leaver to go")
        with gate.app.database.write() as conn:
            run = runs.listed(conn, "hangang")[0]
            request = SyncRequest(gate.app.clock(), undo=run.id, by="boss@hangang")
            directories.put_request(conn, "hangang", request)

        answer = asking.awaited(gate.app, office.key, request)

        assert (answer.done, "1 people are back" in answer.text) == (True, True)
        assert (gate.user("hangang", leaver).enabled, gate.user("hangang", leaver).groups) == (True, groups)
    assert directoryd.sync_once(gate.app, office, False).failure
    assert gate.user("hangang", leaver).enabled


def test_removals_are_followed_at_once_while_others_are_held(sqlite_gate):
    gate, uid = sqlite_gate, admin_of(HANGANG)
    leaver = next(person.uid for person in HANGANG.people[80:] if person.uid != uid)
    directoryd.sync_once(gate.app, gate.organization("hangang"), False)
    for person in HANGANG.people[20:80]:
        gate.slapd.delete(HANGANG.person_dn(person.uid))

    with gate.running():
        wait_until(lambda: gate.status("hangang").failure is not None, "the reading to be held")
        gate.slapd.leave(HANGANG, "it-admins", uid)
        gate.slapd.delete(HANGANG.person_dn(leaver))

        wait_until(
            lambda: "hangang/it-admins" not in gate.user("hangang", uid).groups, "the removal to be noticed"
        )
        wait_until(lambda: not gate.user("hangang", leaver).enabled, "the leaver to be disabled")
        assert "60 of 119 people would vanish" in gate.status("hangang").failure


@pytest.mark.parametrize("answers", ["nobody listens", "hangs up", "says nothing"])
def test_where_the_first_server_fails_the_second_is_read_and_followed(sqlite_gate, directory, answers):
    slapd, uid = directory.slapd, admin_of(HANGANG)
    with ExitStack() as first:
        if answers == "nobody listens":
            port = free_port()
        else:
            port, _ = first.enter_context(server_that(b"" if answers == "hangs up" else None))
        gate = open_gate(
            sqlite_gate.app.database,
            slapd,
            url=f"ldap://127.0.0.1:{port}",
            fallback_urls=(slapd.uri,),
            receive_timeout_s=0.5,
        )

        with gate.running():
            wait_until(lambda: gate.user("hangang", uid) is not None, "the first sync")
            slapd.leave(HANGANG, "it-admins", uid)
            wait_until(lambda: "hangang/it-admins" not in gate.user("hangang", uid).groups, "the removal")
            # It may have been slower once than it is given here.
            wait_until(lambda: gate.status("hangang").failure is None, "no failure")


def test_a_broken_directory_tells_whoever_asks_what_is_wrong(
    migrated_sqlite, tmp_path, directory, sqlite_gate
):
    gate = open_gate(sqlite_gate.app.database, directory.slapd, user_base="ou=nobody,dc=hangang,dc=example")

    done, text = commands._sync(gate.app, gate.organization("hangang"), False)

    assert not done
    assert "user_base" in text
    assert "user_base" in gate.status("hangang").failure


def test_what_happened_is_one_readable_line(sqlite_gate):
    gate, uid = sqlite_gate, admin_of(HANGANG)
    with structlog.testing.capture_logs() as lines, gate.running():
        wait_until(lambda: gate.user("hangang", uid) is not None, "the first sync")
        wait_until(lambda: any(line.get("organization") == "hangang" for line in lines), "the line")

    line = next(line for line in lines if line.get("organization") == "hangang")
    assert (line["event"], line["people"], line["by"]) == (
        "directory in step",
        len(HANGANG.people),
        "syncrepl",
    )


def test_only_polling_is_done_where_polling_is_set(database, directory):
    gate = open_gate(database, directory.slapd, sync=Sync.POLL)
    with structlog.testing.capture_logs() as lines, gate.running():
        wait_until(lambda: any(line.get("by") == "polling" for line in lines), "the first sync")

    assert not [
        line for line in lines if line.get("organization") == "hangang" and line.get("by") == "syncrepl"
    ]

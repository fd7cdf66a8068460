"""The directory process over a real Active Directory: nobody calls sync, and the tables follow."""

import json
import re
import shutil
import threading
import time
from contextlib import contextmanager
from uuid import uuid4

import pytest

from access import directoryd
from access.app import App, mirror_organizations
from access.commands import directory as commands
from access.config import OrganizationSettings, Settings
from access.keys.sealing import Keyring
from access.store import directories, organizations, people
from access.store.database import Database
from tests.access.directory.office_of_ad import DISABLED, branch_of, restore
from tests.peers.waiting import wait_until

pytestmark = pytest.mark.peer("samba")
KEYRING = Keyring({"first": bytes(range(32))}, current="first")
TICKS_OF_1970, TICKS_A_SECOND = 116444736000000000, 10_000_000


class Gate:
    """The application over one branch of the domain."""

    def __init__(self, database, settings):
        organization = OrganizationSettings("한강전자", "hangang.example", settings)
        self.app = App(Settings(organizations={"hangang": organization}), KEYRING, database)
        mirror_organizations(self.app)
        with database.read() as conn:
            (self.organization,) = organizations.all_organizations(conn)

    def user(self, name):
        with self.app.database.read() as conn:
            return people.user_by_name(conn, self.organization.id, name)

    def invocation(self):
        with self.app.database.read() as conn:
            cookie = directories.cookie(conn, self.organization.id)
        return json.loads(cookie)["invocation"] if cookie else None

    @contextmanager
    def running(self):
        stop = threading.Event()
        thread = threading.Thread(target=directoryd.run, args=(self.app, stop))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(60)
            assert not thread.is_alive()


@pytest.fixture
def branch(active_directory):
    with branch_of(active_directory) as made:
        yield made


@pytest.fixture
def database(migrated_sqlite, tmp_path):
    shutil.copy(migrated_sqlite, tmp_path / "gate.sqlite")
    opened = Database(f"sqlite:///{tmp_path}/gate.sqlite", tmp_path / "lock")
    yield opened
    opened.close()


def test_disabled_ended_and_deleted_accounts_are_disabled_in_the_tables(branch, database):
    kim, lee, park = branch.name("kim"), branch.name("lee"), branch.name("park")
    for name in ("kim", "lee", "park"):
        branch.hire(name)
    branch.found("vpn", branch.person("kim"))
    gate = Gate(database, branch.settings())
    with gate.running():
        wait_until(lambda: gate.user(park) is not None, "the first reading")
        before = gate.user(kim)
        assert before.groups == {"hangang/vpn"}
        with database.read() as conn:
            shown = commands.line(directories.status(conn, "hangang"), gate.app.settings.time_zone)
        assert re.search(r"uSNChanged [0-9]+ at dc1\.hangang\.test", shown)

        branch.ad.rename(branch.person("kim"), "CN=Kim Minjun")
        wait_until(lambda: gate.user(kim).dn.startswith("CN=Kim Minjun"), "the new name")
        assert (gate.user(kim).id, gate.user(kim).groups) == (before.id, before.groups)

        branch.ad.replace(f"CN=Kim Minjun,{branch.people}", {"userAccountControl": [DISABLED]})
        wait_until(lambda: not gate.user(kim).enabled, "the disabled account")

        # Told once, while it is still good: nothing changes in the directory when its moment comes.
        ends = TICKS_OF_1970 + int((time.time() + 3) * TICKS_A_SECOND)
        branch.ad.replace(branch.person("lee"), {"accountExpires": [str(ends)]})
        wait_until(lambda: gate.user(lee).expires_at is not None, "the end that is set")
        wait_until(lambda: not gate.user(lee).enabled, "the end")

        branch.ad.delete(branch.person("park"))
        wait_until(lambda: not gate.user(park).enabled, "the deletion")


def test_another_controller_is_read_whole_and_keeps_everyone(branch, database):
    kim = branch.name("kim")
    branch.hire("kim")
    with branch.ad.way_in() as first:
        second = branch.settings().url
        gate = Gate(database, branch.settings(url=f"ldaps://127.0.0.1:{first.port}", fallback_urls=(second,)))
        with gate.running():
            wait_until(lambda: gate.invocation() is not None, "the first reading")
            before, position = gate.user(kim), gate.invocation()

            # From here on it is as if the second address led to another domain controller.
            restore(branch.ad, uuid4().bytes)
            first.close()

            wait_until(lambda: gate.invocation() not in (None, position), "the other controller's position")
            branch.ad.replace(branch.person("kim"), {"displayName": ["김민준"]})
            wait_until(lambda: gate.user(kim).display_name == "김민준", "a change at the other controller")
        assert gate.user(kim).id == before.id

"""Two directories of one organization, each a slapd of its own."""

import shutil
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
import structlog

from access import directoryd
from access.app import App, mirror_organizations, open_credentials
from access.config import OrganizationSettings, Settings
from access.directory.errors import DirectoryUnavailable
from access.directory.verdict import PasswordOutcome
from access.keys.sealing import Keyring
from access.store import directories, organizations, people
from access.store.database import Database
from tests.access.directory.companies import settings_of
from tests.peers.people import Group, hangang, namsan
from tests.peers.ports import free_port
from tests.peers.slapd import Slapd
from tests.peers.waiting import wait_until

pytestmark = pytest.mark.peer("slapd")

KEYRING = Keyring({"first": bytes(range(32))}, current="first")
HANGANG = hangang()
# Forty people of their own, and one who is called as somebody at 한강전자 is.
TWIN = HANGANG.people[0].uid
_OTHERS = namsan().people
PARTNER = replace(
    namsan(),
    people=(_OTHERS[0], *(replace(each, uid=f"ext.{each.uid}") for each in _OTHERS[1:41])),
    groups=(
        Group("builders", "시공", tuple(f"ext.{each.uid}" for each in _OTHERS[1:41])),
        Group("staff", "직원", (f"ext.{_OTHERS[1].uid}",)),
    ),
)
BUILDER = PARTNER.people[1]
EVERY = ("main", "partner")


class Office:
    """One organization whose people are in two directories."""

    def __init__(self, database, first, second, **changes):
        self.first, self.second = first, second
        self.partner = replace(settings_of(second, PARTNER), **changes)
        company = OrganizationSettings(
            "한강전자",
            "hangang.example",
            settings_of(first, HANGANG),
            more_directories={"partner": self.partner},
        )
        self.app = App(Settings(organizations={"hangang": company}), KEYRING, database)
        mirror_organizations(self.app)

    @property
    def organization(self):
        with self.app.database.read() as conn:
            return organizations.all_organizations(conn)[0]

    def user(self, name):
        with self.app.database.read() as conn:
            return people.user_by_name(conn, self.organization.id, name)

    def sync(self, name):
        return directoryd.sync_once(self.app, self.organization, False, directoryd.Asked(name))

    def sync_all(self):
        for name in EVERY:
            assert not self.sync(name).failure

    def failure(self, key):
        with self.app.database.read() as conn:
            return directories.status(conn, key).failure

    def without_partner(self):
        company = replace(self.app.settings.organizations["hangang"], more_directories={})
        return replace(self.app, settings=Settings(organizations={"hangang": company}))


@pytest.fixture
def sqlite(migrated_sqlite, tmp_path):
    shutil.copy(migrated_sqlite, tmp_path / "gate.sqlite")
    opened = Database(f"sqlite:///{tmp_path}/gate.sqlite", tmp_path / "lock")
    yield opened
    opened.close()


@pytest.fixture
def office(sqlite, directory):
    with Slapd((PARTNER,)) as second:
        yield Office(sqlite, directory.slapd, second)


@contextmanager
def following(app):
    stop = threading.Event()
    thread = threading.Thread(target=directoryd.run, args=(app, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def test_people_of_both_log_in_with_the_password_of_their_own_directory(office):
    office.sync_all()
    person = HANGANG.people[1]
    credentials = open_credentials(office.app)

    answers = [
        credentials.check("hangang", office.user(each.uid), password)
        for each, password in (
            (person, person.password),
            (BUILDER, BUILDER.password),
            (person, BUILDER.password),
            (BUILDER, person.password),
        )
    ]
    credentials.close()

    assert answers == [PasswordOutcome.RIGHT] * 2 + [PasswordOutcome.WRONG] * 2
    assert office.user(BUILDER.uid).groups == {"hangang/builders", f"hangang/{_waiting_group(office)}"}
    assert [office.user(each.uid).directory for each in (person, BUILDER)] == list(EVERY)


def _waiting_group(office):
    """What the second directory's staff is called: its name is taken, and lends no rights."""
    return next(
        group.partition("/")[2]
        for group in office.user(BUILDER.uid).groups
        if group not in ("hangang/builders", "hangang/staff")
    )


def test_the_first_one_known_by_a_name_keeps_it_until_they_are_gone(office):
    office.sync_all()
    credentials = open_credentials(office.app)
    own, other = HANGANG.people[0], PARTNER.people[0]

    assert office.user(TWIN).directory == "main"
    assert credentials.check("hangang", office.user(TWIN), other.password) is PasswordOutcome.WRONG
    assert credentials.check("hangang", office.user(TWIN), own.password) is PasswordOutcome.RIGHT
    office.sync_all()
    assert office.user(TWIN).directory == "main", "and it stays so"
    office.first.delete(HANGANG.person_dn(TWIN))
    office.sync_all()

    assert (office.user(TWIN).directory, office.user(TWIN).enabled) == ("partner", True)
    assert credentials.check("hangang", office.user(TWIN), other.password) is PasswordOutcome.RIGHT
    credentials.close()


def test_half_of_one_directory_vanishing_touches_nobody_of_the_other(office):
    office.sync_all()
    for each in HANGANG.people[50:]:
        office.first.delete(HANGANG.person_dn(each.uid))

    failed, fine = office.sync("main"), office.sync("partner")

    assert "would vanish" in failed.failure
    assert (fine.failure, fine.touched) == ("", 0)
    assert office.failure("hangang") == failed.failure
    assert office.failure("hangang/partner") is None
    office.second.delete(PARTNER.person_dn(BUILDER.uid))
    assert office.sync("partner").vanished == 1
    assert not office.user(BUILDER.uid).enabled
    assert office.user(HANGANG.people[60].uid).enabled


def test_one_directory_that_is_down_leaves_the_other_one_followed(sqlite, directory):
    office = Office(sqlite, directory.slapd, directory.slapd, url=f"ldap://127.0.0.1:{free_port()}")
    newcomer = HANGANG.people[3]

    with following(office.app):
        wait_until(lambda: office.user(newcomer.uid) is not None, "the first sync")
        wait_until(lambda: office.failure("hangang/partner") is not None, "the failure")
        office.first.delete(HANGANG.person_dn(newcomer.uid))
        wait_until(lambda: not office.user(newcomer.uid).enabled, "the removal")

    assert office.failure("hangang") is None
    with pytest.raises(DirectoryUnavailable):
        office.sync("partner")


def test_both_are_followed_by_one_process(office):
    with following(office.app):
        wait_until(lambda: office.user(BUILDER.uid) is not None, "the first sync of the second")
        wait_until(lambda: office.user(HANGANG.people[1].uid) is not None, "the first sync of the first")
        office.second.delete(PARTNER.person_dn(BUILDER.uid))
        wait_until(lambda: not office.user(BUILDER.uid).enabled, "the removal")


def test_who_was_in_a_directory_that_left_the_configuration_is_disabled_and_it_is_said(office):
    office.sync_all()

    with structlog.testing.capture_logs() as said:
        mirror_organizations(office.without_partner())

    told = [each for each in said if each["event"].startswith("directory has left the configuration")]
    assert [(each["directory"], each["people"]) for each in told] == [("partner", len(PARTNER.people))]
    gone = office.user(BUILDER.uid)
    assert (gone.enabled, gone.groups) == (False, frozenset())
    assert office.user(HANGANG.people[1].uid).enabled
    assert office.user(TWIN).directory == "main"


def test_whoever_still_has_the_old_configuration_writes_nothing_for_an_ended_directory(office):
    office.sync_all()
    mirror_organizations(office.without_partner())

    with pytest.raises(Exception, match="has left the configuration"):
        office.sync("partner")

    assert not office.user(BUILDER.uid).enabled


def test_nobody_of_an_ended_directory_has_a_password_that_is_right(office):
    office.sync_all()
    builder, credentials = office.user(BUILDER.uid), open_credentials(office.without_partner())

    assert credentials.check("hangang", builder, BUILDER.password) is PasswordOutcome.WRONG
    credentials.close()


def test_an_ended_directory_that_comes_back_under_another_name_brings_its_people_back(office):
    office.sync_all()
    before = office.user(BUILDER.uid).id
    mirror_organizations(office.without_partner())
    company = office.without_partner().settings.organizations["hangang"]
    renamed = replace(company, more_directories={"builders": office.partner})
    office.app = replace(office.app, settings=Settings(organizations={"hangang": renamed}))
    mirror_organizations(office.app)

    assert not office.sync("builders").failure

    back = office.user(BUILDER.uid)
    assert (back.id, back.enabled, back.directory) == (before, True, "builders")

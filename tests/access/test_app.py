"""What is wired from the settings."""

from dataclasses import replace

from access import app
from access.app import App
from access.config import OrganizationSettings, RoleSettings, Settings
from access.directory.settings import DirectorySettings
from access.directory.verdict import PasswordOutcome
from access.keys.sealing import Keyring
from access.model import Role, User
from access.records.alarms import Alarm, AlarmKind
from access.store import alarms, audit
from access.store.alarms import StoredAlarms
from access.store.audit import Selection

KEYRING = Keyring({"first": bytes(range(32))}, current="first")
DIRECTORY = DirectorySettings("ldaps://ldap.example", "ou=people,dc=example", "ou=groups,dc=example")
ROLES = RoleSettings(auditor=("Hangang/Auditors",))
ADMINS = frozenset({"hangang/auditors"})
KIM = User(1, "hangang", "minjun.kim", "uid=minjun.kim")


def test_a_role_finds_its_group_however_the_configuration_spells_it(database):
    settings = Settings(roles=RoleSettings(admin=("Hangang/IT-Admins",)))
    opened = App(settings, KEYRING, database)
    passwords = app.open_credentials(opened)

    identity = app.open_identity(opened, "test", passwords)

    assert identity.role_groups[Role.ADMIN] == {"hangang/it-admins"}
    passwords.close()


def test_passwords_are_remembered_for_nobody_unless_a_company_wants_it(database):
    assert OrganizationSettings("한강전자", "hangang.example", DIRECTORY).password_memory_hours == 0
    for hours, remembered in ((0, 0), (8, 1)):
        company = OrganizationSettings("한강전자", "hangang.example", DIRECTORY, password_memory_hours=hours)
        other = OrganizationSettings("남산", "namsan.example", DIRECTORY)
        opened = App(Settings({"hangang": company, "namsan": other}, roles=ROLES), KEYRING, database)

        memory = app.open_password_memory(opened)

        for user in (KIM, replace(KIM, id=2, organization="namsan"), replace(KIM, id=3, groups=ADMINS)):
            if memory is not None:
                memory.told(user, "right", PasswordOutcome.RIGHT, 0.0)
        assert (len(memory) if memory is not None else 0) == remembered
        if memory is not None:
            assert memory.proven_at(KIM, "right", 8 * 3600.0 - 1) == 0.0
            assert memory.proven_at(KIM, "right", 8 * 3600.0) is None


def test_a_directory_that_leaves_the_configuration_takes_its_alarms_with_it_and_is_written_down(database):
    company = OrganizationSettings(
        "한강전자", "hangang.example", DIRECTORY, more_directories={"partner": DIRECTORY}
    )
    opened = App(Settings({"hangang": company}), KEYRING, database)
    app.mirror_organizations(opened)
    with database.write() as conn:
        raised = StoredAlarms(conn, KEYRING, opened.random, "directory")
        for subject in ("hangang", "hangang/partner"):
            for kind in (AlarmKind.DIRECTORY_FAILING, AlarmKind.DIRECTORY_MASS_CHANGE):
                raised.raise_alarm(Alarm(kind, subject, "", 1), opened.clock())

    less = replace(company, more_directories={})
    app.mirror_organizations(replace(opened, settings=Settings({"hangang": less})))

    with database.read() as conn:
        assert {each.subject for each in alarms.listed(conn)} == {"hangang"}
        written = audit.records(conn, Selection(kind="directory"), KEYRING)
    assert [each.detail for each in written] == [
        {"what": "directory.ended", "directory": "partner", "people": 0}
    ]

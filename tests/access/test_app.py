"""What is wired from the settings."""

from access import app
from access.app import App
from access.config import RoleSettings, Settings
from access.model import Role
from access.sealing import Keyring

KEYRING = Keyring({"first": bytes(range(32))}, current="first")


def test_a_role_finds_its_group_however_the_configuration_spells_it(database):
    settings = Settings(roles=RoleSettings(admin=("Hangang/IT-Admins",)))
    opened = App(settings, KEYRING, database)
    passwords = app.open_credentials(opened)

    identity = app.open_identity(opened, "test", passwords)

    assert identity.role_groups[Role.ADMIN] == {"hangang/it-admins"}
    passwords.close()

"""Which keys a database needs, read from what is sealed in it."""

import os

from access.directory.fuse import Fuses
from access.directory.roster import Roster
from access.keys.sealing import Keyring
from access.people.provisioning import provision
from access.records.audit import AuditEntry
from access.store import audit, sealed
from access.store.rosters import RosterStore
from tests.access.provisioned import add_organization, everything, person

FIRST = Keyring({"first": bytes(range(32))}, current="first")
SECOND = Keyring({"first": bytes(range(32)), "second": bytes(32)}, current="second")


def test_a_database_without_secrets_needs_no_key(database):
    with database.read() as conn:
        assert sealed.newest_key_ids(conn) == frozenset()


def test_a_database_that_was_never_migrated_needs_no_key(empty_database):
    with empty_database.read() as conn:
        assert sealed.newest_key_ids(conn) == frozenset()


def test_the_newest_secret_says_which_key_is_needed(database):
    organization = add_organization(database, "hangang")
    store = RosterStore(database, organization.id, lambda conn: None)
    provision(store, Roster(), everything(person("kim"), person("lee")), 0.0, Fuses())
    with database.write() as conn:
        for user_id, keyring in ((1, FIRST), (2, SECOND)):
            entry = AuditEntry("login", 1.0, organization_id=organization.id, user_id=user_id)
            audit.record(conn, "test", entry, keyring, os.urandom)

    with database.read() as conn:
        assert sealed.newest_key_ids(conn) == {"second"}

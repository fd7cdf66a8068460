import os
from dataclasses import replace

import pytest

from access.changes.publishing import Draft
from access.config import OrganizationSettings
from access.directory.settings import DirectorySettings
from access.keys.sealing import Keyring
from access.store import audit, feed, organizations, policies
from access.store.audit import Selection
from access.store.database import Database
from access.store.feed import Topic
from access.store.policy_shelf import StoredPolicies

KEYRING = Keyring({"k1": bytes(range(32))}, "k1")
FIRST = Draft("version: 1\n", "minjun", None, "the first")


@pytest.fixture
def shelf(database: Database) -> StoredPolicies:
    return StoredPolicies(database, KEYRING, os.urandom, "test")


def test_before_the_first_there_is_none(shelf: StoredPolicies):
    assert shelf.in_force() is None
    with shelf.database.read() as conn:
        assert policies.current(conn) is None
        assert policies.versions(conn) == []


def test_a_version_is_kept_put_in_force_told_and_recorded(shelf: StoredPolicies):
    assert shelf.put_in_force(FIRST, "aa11", now=5.0)

    assert shelf.in_force() == "aa11"
    with shelf.database.read() as conn:
        version = policies.current(conn)
        (change,) = feed.since(conn, feed.START)
        (record,) = audit.records(conn, Selection(kind="policy"), KEYRING)
    assert version is not None
    assert (version.document, version.author, version.note, version.published_at) == (
        "version: 1\n",
        "minjun",
        "the first",
        5.0,
    )
    assert (change.topic, change.key) == (Topic.POLICY, "aa11")
    assert record.detail == {
        "what": "policy.published",
        "revision": "aa11",
        "replaced": None,
        "author": "minjun",
        "note": "the first",
    }


def test_a_draft_over_another_revision_leaves_no_trace(shelf: StoredPolicies):
    shelf.put_in_force(FIRST, "aa11", now=5.0)

    for expected in (None, "zz99"):
        assert not shelf.put_in_force(replace(FIRST, expected=expected), "bb22", now=6.0)

    with shelf.database.read() as conn:
        assert [version.revision for version in policies.versions(conn)] == ["aa11"]
        assert len(feed.since(conn, feed.START)) == 1
        assert len(audit.records(conn, Selection(), KEYRING)) == 1


def test_an_old_version_can_come_back(shelf: StoredPolicies):
    shelf.put_in_force(FIRST, "aa11", now=5.0)
    shelf.put_in_force(replace(FIRST, expected="aa11"), "bb22", now=6.0)
    shelf.put_in_force(replace(FIRST, expected="bb22"), "aa11", now=7.0)

    with shelf.database.read() as conn:
        assert [version.revision for version in policies.versions(conn)] == ["aa11", "bb22"]
    assert shelf.in_force() == "aa11"


def test_a_version_is_found_by_how_it_begins_if_that_is_clear(shelf: StoredPolicies):
    shelf.put_in_force(FIRST, "aa11", now=5.0)
    shelf.put_in_force(replace(FIRST, expected="aa11"), "aa22", now=6.0)

    with shelf.database.read() as conn:
        found = policies.version(conn, "aa1")
        assert found is not None
        assert found.revision == "aa11"
        assert policies.version(conn, "aa") is None
        assert policies.version(conn, "%") is None


def test_the_world_has_the_companies_even_without_people(shelf: StoredPolicies):
    company = OrganizationSettings(
        "한강전자", "hangang.example", DirectorySettings("ldaps://l", "ou=p", "ou=g")
    )
    with shelf.database.write() as conn:
        organizations.mirror(conn, {"hangang": company}, 1.0)

    world = shelf.world()

    assert world.organizations == {"hangang"}
    assert world.users == {}

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from access.config import OrganizationSettings
from access.directory.settings import DirectorySettings
from access.model import Organization
from access.store import feed, organizations
from access.store.database import Database
from access.store.feed import Topic
from access.store.organizations import RealmTaken
from access.store.tables import directories

DIRECTORY = DirectorySettings("ldaps://ldap", "ou=people", "ou=groups")
HANGANG = OrganizationSettings("한강전자", "hangang.example", DIRECTORY)
NAMSAN = OrganizationSettings("남산소프트", "namsan.example", DIRECTORY)


def mirror(database: Database, wanted: Mapping[str, OrganizationSettings]) -> int:
    """Returns how many changes were told."""
    with database.write() as conn:
        before = feed.head(conn)
        organizations.mirror(conn, wanted, 5.0)
    with database.read() as conn:
        return len(feed.since(conn, before))


def test_new_companies_get_rows_and_are_told(database: Database):
    assert mirror(database, {"hangang": HANGANG, "namsan": NAMSAN}) == 2

    with database.read() as conn:
        first, second = organizations.all_organizations(conn)
        topics = {change.topic for change in feed.since(conn, feed.START)}
    assert first == Organization(first.id, "hangang", "한강전자", "hangang.example", "ko")
    assert second.key == "namsan"
    assert topics == {Topic.ORGANIZATION}


def test_the_same_configuration_again_changes_nothing(database: Database):
    mirror(database, {"hangang": HANGANG})

    assert mirror(database, {"hangang": HANGANG}) == 0


def test_a_changed_company_keeps_its_id(database: Database):
    mirror(database, {"hangang": HANGANG})
    with database.read() as conn:
        (before,) = organizations.all_organizations(conn)

    assert mirror(database, {"hangang": replace(HANGANG, name="한강그룹")}) == 1

    with database.read() as conn:
        assert organizations.all_organizations(conn) == [replace(before, name="한강그룹")]


def test_another_directory_server_is_read_from_the_start(database: Database):
    mirror(database, {"hangang": HANGANG})
    with database.write() as conn:
        conn.execute(update(directories).values(cookie=b"c", watermark="w"))

    mirror(database, {"hangang": replace(HANGANG, name="한강")})
    with database.read() as conn:
        assert conn.execute(select(directories.c.cookie)).scalar() == b"c"

    mirror(database, {"hangang": replace(HANGANG, directory=replace(DIRECTORY, url="ldaps://other"))})
    with database.read() as conn:
        row = conn.execute(select(directories)).one()
    assert (row.url, row.cookie, row.watermark) == ("ldaps://other", None, None)


def test_a_company_that_left_the_configuration_keeps_its_row(database: Database):
    mirror(database, {"hangang": HANGANG, "namsan": NAMSAN})
    mirror(database, {"hangang": HANGANG})

    with database.read() as conn:
        assert [each.key for each in organizations.all_organizations(conn)] == ["hangang", "namsan"]


def test_a_company_with_a_new_short_name_does_not_take_over_a_realm(database: Database):
    mirror(database, {"hangang": HANGANG})

    with pytest.raises(RealmTaken, match="belongs to hangang"):
        mirror(database, {"han": HANGANG})

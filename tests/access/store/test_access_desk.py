"""What is decided about a grant that somebody else has ended meanwhile."""

from dataclasses import replace

from access.policy.standing import Kept, Standing, StandingKind, State
from access.store import standing
from access.store.access_desk import StoredAccess
from access.store.database import Database
from tests.access.residents import DICE, KEYRING, NOW, settle_in


def test_an_extension_of_a_grant_that_has_ended_meanwhile_changes_nothing(database: Database):
    settle_in(database)
    desk = StoredAccess(database, KEYRING, DICE, "test", {})
    wanted = Standing(0, StandingKind.GRANT, ("user:minjun.kim@hangang",), ("network:git",), until=NOW + 60)
    with database.write() as conn:
        granted = standing.add(conn, Kept(wanted, organization_id=1), NOW)
        waits = Kept(wanted, organization_id=1, state=State.ASKED, lapses_at=NOW + 3600, lasts_s=600.0)
        asked = standing.add(conn, replace(waits, extends=granted.standing.id), NOW)
        assert standing.end(conn, granted.standing.id, "somebody", NOW)

    assert not desk.allow(asked, "boss@hangang", NOW + 600, [], NOW + 1)

    assert [each.standing.id for each in desk.open_grants(NOW + 2)] == [asked.standing.id]

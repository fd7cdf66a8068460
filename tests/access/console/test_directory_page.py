"""What waits for an answer about the directory, in the console."""

from sqlalchemy import select

from access.directory.fuse import Held, What
from access.store import audit, directories, held
from access.store.audit import Selection
from access.store.tables import directory_held, users
from tests.access.residents import KEYRING


def hold(town, *names: str) -> None:
    with town.database.write() as conn:
        company = town.organization_id("hangang")
        uuids = conn.execute(select(users.c.entry_uuid).where(users.c.name.in_(names))).scalars()
        held.add(conn, company, [Held(What.PERSON, uuid) for uuid in uuids], town.now)


def decisions(town) -> list[tuple[str, str]]:
    with town.database.read() as conn:
        read = audit.records(conn, Selection(kind="directory"), KEYRING)
    return [(each.detail["what"], each.detail["by"]) for each in read]


def test_who_is_kept_is_shown_by_name_and_approved(town, visit):
    hold(town, "minjun.kim", "seoyeon.lee")
    boss = visit("boss@hangang")

    boss.get("/console/directory")

    assert "minjun.kim" in boss.page
    assert "would vanish" in boss.page
    boss.post("/console/directory/approve")
    assert "It is approved." in boss.page
    assert decisions(town) == [("directory.approved", "boss@hangang")]
    with town.database.read() as conn:
        request = directories.pending_request(conn, "hangang", town.now)
    assert (request.approve, request.accept_mass_change, request.by) == (True, False, "boss@hangang")


def test_what_is_rejected_says_by_whom(town, visit):
    hold(town, "minjun.kim")
    boss = visit("boss@hangang")
    boss.get("/console/directory")

    boss.post("/console/directory/reject")

    assert "stays so, says boss@hangang" in boss.page
    assert decisions(town) == [("directory.rejected", "boss@hangang")]


def test_nobody_of_another_company_sees_or_decides_it(town, visit):
    hold(town, "minjun.kim")
    anna = visit("anna.schmidt@namsan")
    anna.get("/console/directory")
    assert "minjun.kim" not in anna.page

    for action in ("approve", "reject"):
        anna.post(f"/console/directory/{action}")
        assert "Nothing waits for an answer any more." in anna.page

    assert decisions(town) == []
    with town.database.read() as conn:
        assert conn.execute(select(directory_held.c.rejected_by)).scalars().all() == [""]


def test_an_auditor_sees_it_and_has_no_button(town, visit):
    hold(town, "minjun.kim")
    watcher = visit("watcher@hangang")

    watcher.get("/console/directory")

    assert "minjun.kim" in watcher.page
    assert "/console/directory/approve" not in watcher.page

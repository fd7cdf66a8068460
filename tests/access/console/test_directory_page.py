"""What waits for an answer about the directory, in the console."""

from sqlalchemy import insert, select

from access.directory.fuse import Held, What
from access.store import audit, directories, held
from access.store.audit import Selection
from access.store.tables import directories as directory_rows
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


def test_who_would_lose_which_attribute_is_shown_and_how_many_the_same(town, visit):
    with town.database.write() as conn:
        lost = conn.execute(select(users.c.entry_uuid).where(users.c.name.in_(("minjun.kim", "seoyeon.lee"))))
        rows = [Held(What.ATTRIBUTE, uuid, note="department=연구소 → –") for uuid in lost.scalars()]
        held.add(conn, town.organization_id("hangang"), rows, town.now)
    boss = visit("boss@hangang")

    boss.get("/console/directory")

    assert "minjun.kim" in boss.page
    assert "department=연구소 → –" in boss.page
    assert "2 of them: would lose" in boss.page


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


def add_partner(town) -> None:
    """Another directory of hangang, which shows seoyeon.lee and would have her vanish."""
    with town.database.write() as conn:
        company = town.organization_id("hangang")
        for name in ("main", "partner"):
            row = {"organization_id": company, "name": name, "url": f"ldaps://{name}.example"}
            conn.execute(insert(directory_rows).values(row))
        her = conn.execute(select(users.c.entry_uuid).where(users.c.name == "seoyeon.lee")).scalars().first()
        held.add(conn, company, [Held(What.PERSON, her)], town.now, "partner")
        directories.put_failure(conn, company, "one of one would vanish", town.now, "partner")


def test_each_directory_of_a_company_has_its_own_difference_and_its_own_answer(town, visit):
    add_partner(town)
    hold(town, "minjun.kim")
    boss = visit("boss@hangang")
    boss.get("/console/directory")
    assert "/console/directory?name=partner" in boss.page
    assert "minjun.kim" in boss.page
    assert "seoyeon.lee" not in boss.page

    boss.get("/console/directory?name=partner")
    assert "seoyeon.lee" in boss.page
    assert "minjun.kim" not in boss.page
    boss.post("/console/directory/approve?name=partner")

    assert "It is approved." in boss.page
    with town.database.read() as conn:
        assert directories.pending_request(conn, "hangang/partner", town.now).approve
        assert directories.pending_request(conn, "hangang", town.now) is None


def test_a_directory_that_is_none_of_the_company_is_not_found(town, visit):
    add_partner(town)

    assert visit("boss@hangang").get("/console/directory?name=elsewhere").status_code == 404
    assert visit("anna.schmidt@namsan").get("/console/directory?name=partner").status_code == 404


def test_a_company_with_one_directory_has_no_list_of_them(town, visit):
    boss = visit("boss@hangang")

    boss.get("/console/directory")

    assert "?name=" not in boss.page

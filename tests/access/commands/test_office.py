"""What the command line says of opened offices."""

from sqlalchemy import insert

from access.policy.standing import Kept, Standing, StandingKind
from access.store import standing
from access.store.database import Database
from access.store.tables import sessions
from tests.access.commands.conftest import Run
from tests.access.residents import NOW, settle_in

KNOWN = Standing(
    0, StandingKind.OPENING, (), until=NOW + 7200, owner="boss", opening="seoul-hq", organization="hangang"
)


def let_in(database: Database, name: str, method: str, at: float, number: int) -> None:
    user_id = settle_in(database, name)
    whom = {"organization_id": 1, "user_id": user_id, "user_name": f"{name}@hangang", "nas_id": 1}
    how = {"class_": bytes([number]), "via": "wired", "method": method, "state": "live", "admitted_at": at}
    with database.write() as conn:
        conn.execute(insert(sessions).values(**whom, **how))


def test_whom_an_opening_let_in_is_listed_also_when_no_policy_has_it_any_more(
    officegate: Run, database: Database
):
    officegate("check")
    where = ("--organization", "hangang", "--via", "wired", "--site", "seoul")
    assert officegate("nas", "add", "sw-1", "--address", "192.0.2.1", *where)[0] == 0
    with database.write() as conn:
        number = standing.add(conn, Kept(KNOWN, organization_id=1), NOW).standing.id
        assert standing.end(conn, number, "boss", NOW + 100)
    let_in(database, "minjun.kim", "office-open", NOW + 50, 1)
    let_in(database, "sua.lee", "pap", NOW + 50, 2)
    let_in(database, "late", "office-open", NOW + 150, 3)

    assert officegate("office", "list") == (0, "No office is open.\n", "")
    opening, person = officegate("office", "list", "--all")[1].splitlines()

    assert opening.startswith(f"{number}  seoul-hq  since 2027-01-15 17:00:00  over")
    assert "minjun.kim@hangang" in person
    assert person.endswith("sw-1  still there")

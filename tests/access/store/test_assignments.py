from access.store import assignments
from access.store.assignments import AssignmentRow
from access.store.database import Database
from tests.access.gatehouse import Gatehouse
from tests.access.residents import changes


def put(database: Database, *rows: AssignmentRow) -> None:
    with database.write() as conn:
        for row in rows:
            assignments.put(conn, row, 100.0)


def test_an_assignment_comes_back_by_pool_and_by_user(database: Database):
    house = Gatehouse(database)
    mine = AssignmentRow("desks", "dev-1", house.user_id, 500.0)
    theirs = AssignmentRow("lab", "lab-1", house.person("seoyeon.lee"), 600.0)

    put(database, mine, theirs)

    with database.read() as conn:
        assert assignments.every(conn) == [mine, theirs]
        assert assignments.of_pool(conn, "lab") == [theirs]
        assert assignments.of_users(conn, [house.user_id]) == [mine]


def test_a_user_has_one_desktop_of_a_pool_and_a_desktop_one_user(database: Database):
    house = Gatehouse(database)
    other = house.person("seoyeon.lee")

    put(database, AssignmentRow("desks", "dev-1", house.user_id, 500.0))
    put(database, AssignmentRow("desks", "dev-2", house.user_id, 500.0))
    put(database, AssignmentRow("desks", "dev-2", other, 600.0))

    with database.read() as conn:
        assert assignments.every(conn) == [AssignmentRow("desks", "dev-2", other, 600.0)]
    assert changes(database)[-2:] == [("assignment", str(house.user_id)), ("assignment", str(other))]

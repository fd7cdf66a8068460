from contextlib import contextmanager
from ipaddress import ip_address

import pytest
from sqlalchemy import text

from access.store import address_leases
from access.store.address_leases import Leases, end_all, holders, holders_query
from tests.access.gatehouse import Gatehouse
from tests.access.residents import NOW

ADDRESS = "10.77.0.5/32"
MANY = """
    INSERT INTO address_leases (session_id, network, since, until)
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
    SELECT :session, '10.77.' || (i % 200) || '.' || (i / 200) || '/32', :now + i, :now + i + 9 FROM n
"""


@pytest.fixture
def house(database):
    return Gatehouse(database)


@contextmanager
def writing(house):
    """What begins and ends within one transaction."""
    with house.database.write() as conn:
        leases = Leases(conn)
        yield leases
        leases.write()


def session(house, name="minjun.kim"):
    return house.session(house.user_id, house.nas(None, f"nas-{house._classes}"), user_name=name)


def had(house, address, at, organization_id=None):
    with house.database.read() as conn:
        found = holders(conn, ip_address(address), NOW + at, organization_id)
    return [(each.session_id, each.network) for each in found]


def test_who_had_an_address_is_known_for_each_moment(house):
    first, second = session(house), session(house)
    with writing(house) as leases:
        leases.begin(first, [ADDRESS], NOW)
        leases.end(first, [ADDRESS], NOW + 10)
        leases.begin(second, [ADDRESS], NOW + 20)

    assert [had(house, "10.77.0.5", at) for at in (-1, 0, 9.9, 10, 19, 20, 1e9)] == [
        [],
        [(first, ADDRESS)],
        [(first, ADDRESS)],
        [],
        [],
        [(second, ADDRESS)],
        [(second, ADDRESS)],
    ]
    assert had(house, "10.77.0.6", 5) == []


def test_an_address_inside_a_prefix_is_found(house):
    one, whole = session(house), session(house)
    with writing(house) as leases:
        leases.begin(whole, ["2001:db8:1::/56"], NOW)
        leases.begin(one, ["2001:db8:1:7::5/128"], NOW + 1)

    assert had(house, "2001:db8:1:7::5", 2) == [
        (one, "2001:db8:1:7::5/128"),
        (whole, "2001:db8:1::/56"),
    ]
    assert had(house, "2001:db8:1:ff::1", 2) == [(whole, "2001:db8:1::/56")]
    assert had(house, "2001:db8:1:100::1", 2) == []


@pytest.mark.parametrize("together", [True, False])
def test_an_end_before_the_beginning_is_the_beginning(house, together):
    late = session(house)
    with writing(house) as leases:
        leases.begin(late, [ADDRESS], NOW + 5)
        if not together:
            leases.write()
        leases.end(late, [ADDRESS], NOW)

    assert had(house, "10.77.0.5", 5) == []


@pytest.mark.parametrize("together", [True, False])
def test_an_address_that_was_given_back_and_taken_again_is_had_twice(house, together):
    known = session(house)
    with writing(house) as leases:
        for at in (0, 20):
            leases.begin(known, [ADDRESS], NOW + at)
            if not together:
                leases.write()
            leases.end(known, [ADDRESS], NOW + at + 10)

    moments = (0, 9.9, 10, 19.9, 20, 29.9, 30)
    assert [len(had(house, "10.77.0.5", at)) for at in moments] == [
        1,
        1,
        0,
        0,
        1,
        1,
        0,
    ]


def test_what_is_known_of_an_address_is_not_written_twice(house):
    known = session(house)
    with writing(house) as leases:
        for _ in range(2):
            leases.add_past(known, [ADDRESS, "fd77::5/128"], NOW, NOW + 10)

    assert had(house, "10.77.0.5", 5) == [(known, ADDRESS)]
    assert had(house, "fd77::5", 5) == [(known, "fd77::5/128")]


def test_everything_a_session_has_is_ended_at_once(house):
    known = session(house)
    with writing(house) as leases:
        leases.begin(known, [ADDRESS, "fd77::5/128"], NOW)
    with house.database.write() as conn:
        end_all(conn, known, NOW + 1)
        end_all(conn, known, NOW + 9)

    assert had(house, "fd77::5", 5) == []


def test_another_company_is_not_told(house):
    known = session(house)
    with writing(house) as leases:
        leases.begin(known, [ADDRESS], NOW)

    assert had(house, "10.77.0.5", 1, organization_id=1) == [(known, ADDRESS)]
    assert had(house, "10.77.0.5", 1, organization_id=2) == []


@pytest.mark.parametrize("wanted", ["10.77.0.5", "2001:db8:1:7::5"])
def test_it_is_looked_for_in_one_range_of_one_index(house, wanted):
    """Whatever the number of rows: so few that a planner may be tempted to read them all."""
    known = session(house)
    with house.database.write() as conn:
        conn.execute(text(MANY), {"session": known, "now": NOW})
        conn.execute(text("ANALYZE"))
    with house.database.read() as conn:
        plan = explained(conn, holders_query(ip_address(wanted), NOW))

    assert "ix_address_leases_network_since_until" in plan, plan
    assert "SCAN address_leases" not in plan, plan
    assert "Seq Scan on address_leases" not in plan, plan


def explained(conn, query):
    """How the database carries a query out, a step a line."""
    words = query.compile(conn.engine, compile_kwargs={"literal_binds": True})
    how = "EXPLAIN QUERY PLAN" if conn.dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(str(row) for row in conn.exec_driver_sql(f"{how} {words}".replace("%", "%%")))


def test_the_longest_prefix_that_is_looked_for_is_that_of_one_address():
    around = list(address_leases._networks_around(ip_address("2001:db8::1")))

    assert (around[0], around[-1], len(around)) == ("2001:db8::1/128", "2001:db8::/32", 97)

"""Two years of sessions: who had an address at a moment is told in two seconds, whatever else there is."""

import random
import time
from ipaddress import ip_address

import pytest
from sqlalchemy import text

from access.store.address_leases import holders, holders_query
from tests.access.conftest import address, database, lent_postgresql, migrated_sqlite, postgres_cluster
from tests.access.gatehouse import Gatehouse
from tests.access.residents import NOW
from tests.access.store.test_address_leases import explained

ROWS = 3_000_000
ADDRESSES = 60_000
LASTS_S = 8 * 3600.0
# Each address is somebody else's as soon as it is free: the n-th row begins when its address was left.
MANY = f"""
    INSERT INTO address_leases (session_id, network, since, until)
    WITH RECURSIVE n(i) AS (
        SELECT CAST(:first AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < CAST(:last AS bigint)
    )
    SELECT :session,
           '10.' || (i % {ADDRESSES} / 250) || '.' || (i % {ADDRESSES} % 250) || '.1/32',
           CAST(:now AS double precision) + (i / {ADDRESSES}) * {LASTS_S},
           CAST(:now AS double precision) + (i / {ADDRESSES} + 1) * {LASTS_S}
    FROM n
"""
BATCH = 500_000

__all__ = ["address", "database", "lent_postgresql", "migrated_sqlite", "postgres_cluster"]


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_who_had_an_address_is_told_at_once_among_millions_of_rows(database):
    house = Gatehouse(database)
    session_id = house.session(house.user_id, house.nas(None))
    for first in range(0, ROWS, BATCH):
        with database.write() as conn:
            span = {"first": first, "last": first + BATCH - 1}
            conn.execute(text(MANY), {"session": session_id, "now": NOW, **span})
    with database.write() as conn:
        conn.execute(text("ANALYZE"))

    chance, longest_s = random.Random(20261126), 0.0
    for _ in range(200):
        number = chance.randrange(ADDRESSES)
        wanted = ip_address(f"10.{number // 250}.{number % 250}.1")
        at = NOW + chance.uniform(0, ROWS / ADDRESSES - 1) * LASTS_S
        began = time.monotonic()
        with database.read() as conn:
            (found,) = holders(conn, wanted, at)
        longest_s = max(longest_s, time.monotonic() - began)
        assert found.since <= at < (found.until or at + 1)

    with database.read() as conn:
        for wanted in ("10.7.7.1", "2001:db8::7"):
            plan = explained(conn, holders_query(ip_address(wanted), NOW))
            assert "ix_address_leases_network_since_until" in plan, plan
    print(f"the slowest of 200 took {longest_s * 1000:.1f} ms among {ROWS} rows")
    assert longest_s < 2.0

"""What is pruned is gone, and what is left still proves itself."""

import os
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from access.keys.sealing import Keyring
from access.records.audit import AuditEntry
from access.records.audit_proof import Fault
from access.records.retention import ALWAYS_ALLOWED, DAY_S, Retention, Rules
from access.store import audit as rows
from access.store import audit_pruning
from access.store.audit_chain import BATCH_ROWS, seal, verify
from access.store.audit_keeping import Keeper, NotShipped, TooMuchOutdated
from access.store.audit_pruning import Outdated, prune_some
from access.store.audit_shipping import Shipping
from access.store.database import Database
from access.store.tables import audit, audit_chain, audit_spans, organizations, users
from tests.peers.waiting import wait_until

KEYRING = Keyring({"k1": bytes(range(32))}, "k1")
HANGANG, NAMSAN = 1, 2
NOW = 2000 * DAY_S
RULES = Rules(Retention(access_days=730, rights_days=1095))


@pytest.fixture
def office(database: Database) -> Database:
    with database.write() as conn:
        for id_, key in ((HANGANG, "hangang"), (NAMSAN, "namsan")):
            conn.execute(insert(organizations).values(id=id_, key=key, name=key, realm=f"{key}.example"))
            conn.execute(
                insert(users).values(id=id_, organization_id=id_, entry_uuid=f"u{id_}", name=key, dn="d")
            )
    return database


@pytest.fixture
def heads_dir(tmp_path: Path) -> Path:
    return tmp_path / "heads"


def keeper(database: Database, rules: Rules = RULES) -> Keeper:
    return Keeper(database, KEYRING, os.urandom, "enforce", rules)


def add(
    database: Database, *days: float, kind: str = "login", writer: str = "web", of: int = HANGANG
) -> None:
    """Records of so many days ago."""
    with database.write() as conn:
        for each in days:
            entry = AuditEntry(kind, NOW - each * DAY_S, organization_id=of, user_id=of, detail={"day": each})
            rows.record(conn, writer, entry, KEYRING, os.urandom)


def sealed(database: Database, heads_dir: Path) -> None:
    while seal(database, KEYRING, heads_dir, "test", NOW) == BATCH_ROWS:
        pass


def left(database: Database) -> list[tuple[str, float]]:
    with database.read() as conn:
        found = conn.execute(select(audit.c.kind, audit.c.at).order_by(audit.c.id)).all()
    return [(row.kind, round((NOW - row.at) / DAY_S)) for row in found if row.kind != "audit"]


def faults(database: Database, heads_dir: Path) -> list[Fault]:
    return [finding.fault for finding in verify(database, KEYRING, heads_dir).findings]


def test_records_go_by_their_class_and_age_and_the_rest_still_proves_itself(
    office: Database, heads_dir: Path
):
    add(office, 1200, 800, 700)
    add(office, 1200, 800, kind="policy")
    add(office, 731, 1, writer="gate1/radius-0")
    sealed(office, heads_dir)

    gone = keeper(office).prune(NOW)

    assert [(each.record_class.value, each.rows) for each in gone] == [("access", 3), ("rights", 1)]
    assert left(office) == [("login", 700), ("policy", 800), ("login", 1)]
    sealed(office, heads_dir)
    assert faults(office, heads_dir) == []


def test_the_audit_says_what_was_pruned_of_whom_and_who_asked(office: Database, heads_dir: Path):
    add(office, 800, 799)
    sealed(office, heads_dir)

    keeper(office).prune(NOW, by="root at the command line")

    with office.read() as conn:
        (said,) = rows.records(conn, rows.Selection(kind="audit"), KEYRING)
    assert said.organization_id == HANGANG
    assert said.detail == {
        "what": "audit.pruned",
        "class": "access",
        "before": NOW - 730 * DAY_S,
        "rows": 2,
        "by": "root at the command line",
    }


def test_an_organization_may_keep_longer_or_shorter(office: Database, heads_dir: Path):
    add(office, 800)
    add(office, 100, of=NAMSAN)
    sealed(office, heads_dir)
    own = {HANGANG: Retention(900, 1095), NAMSAN: Retention(90, 1095)}

    keeper(office, replace(RULES, own=own)).prune(NOW)

    assert left(office) == [("login", 800)]


def test_a_record_that_is_not_sealed_yet_stays(office: Database, heads_dir: Path):
    add(office, 800)

    assert keeper(office).prune(NOW) == []

    sealed(office, heads_dir)
    assert len(keeper(office).prune(NOW)) == 1


def test_bridges_and_spans_grow_together_however_often_is_pruned(office: Database, heads_dir: Path):
    add(office, *range(900, 700, -1))
    sealed(office, heads_dir)

    for days in (850, 820, 800, 730):
        keeper(office, Rules(Retention(days, 1095))).prune(NOW)

    with office.read() as conn:
        bridges = conn.execute(select(audit_chain).where(audit_chain.c.pruned_from.is_not(None))).all()
        spans = conn.execute(select(audit_spans.c.first_number, audit_spans.c.last_number)).all()
    assert [(row.pruned_from, row.position) for row in bridges] == [(1, 170)]
    assert [tuple(row) for row in spans] == [(1, 170)]
    sealed(office, heads_dir)
    assert faults(office, heads_dir) == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    ages=st.lists(st.tuples(st.sampled_from(["login", "policy"]), st.integers(1, 9)), max_size=12),
    limits=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=3),
    at_most=st.integers(1, 4),
)
def test_whatever_is_pruned_in_whatever_order_the_chain_holds(
    office: Database,
    tmp_path: Path,
    ages: list[tuple[str, int]],
    limits: list[tuple[int, int]],
    at_most: int,
):
    heads_dir = Path(tempfile.mkdtemp(dir=tmp_path)) / "heads"
    emptied(office)
    for index, (kind, days) in enumerate(ages):
        add(office, days, kind=kind, writer=("web", "radius")[index % 2])
    sealed(office, heads_dir)

    for access_days, rights_days in limits:
        for old in keeper(office, Rules(Retention(access_days, rights_days))).outdated(NOW):
            while pruned(office, old, at_most):
                pass

    assert faults(office, heads_dir) == []
    lowest = {
        "login": min((a for a, _ in limits), default=9),
        "policy": min((r for _, r in limits), default=9),
    }
    assert left(office) == [(kind, days) for kind, days in ages if days <= lowest[kind]]


def pruned(database: Database, old: Outdated, at_most: int) -> int:
    with database.write() as conn:
        return prune_some(conn, old, KEYRING, at_most)


def emptied(database: Database) -> None:
    """The tables as they were at first."""
    with database.write() as conn:
        conn.execute(insert(audit_pruning.audit_pruning).values(before=0.0))
        for table in (audit, audit_chain, audit_spans, audit_pruning.audit_writers):
            conn.execute(delete(table))
        conn.execute(delete(audit_pruning.audit_pruning))


def test_nothing_else_may_remove_or_change_a_row(office: Database, heads_dir: Path):
    add(office, 800)
    sealed(office, heads_dir)
    attempts: Sequence[Callable[[], object]] = (
        lambda: delete(audit),
        lambda: delete(audit_chain),
        lambda: update(audit).values(reason=""),
        lambda: update(audit_chain).values(pruned_from=1),
    )

    for attempt in attempts:
        with pytest.raises(IntegrityError), office.write() as conn:
            conn.execute(attempt())  # type: ignore[call-overload]

    assert left(office) == [("login", 800)]


def test_who_takes_rows_away_without_the_key_is_found(office: Database, heads_dir: Path):
    add(office, 900, 800, 1)
    sealed(office, heads_dir)
    foreign = Keyring({"k1": bytes(32)}, "k1")

    Keeper(office, foreign, os.urandom, "enforce", RULES).prune(NOW)

    assert Fault.PRUNING_UNSIGNED in faults(office, heads_dir)


def test_a_clock_that_is_years_ahead_prunes_nothing_by_itself(
    office: Database, heads_dir: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("access.records.retention.ALWAYS_ALLOWED", 3)
    add(office, 9, 8, 7, 6)
    add(office, 9, of=NAMSAN)
    sealed(office, heads_dir)
    years_later = NOW + 800 * DAY_S

    with pytest.raises(TooMuchOutdated, match=r"4 of 4 records of hangang \(access\).*audit prune"):
        keeper(office).prune(years_later)

    assert left(office) == [("login", 9), ("login", 8), ("login", 7), ("login", 6)]
    keeper(office).prune(years_later, by="kim")
    assert left(office) == []


def test_few_records_go_whatever_their_share():
    assert ALWAYS_ALLOWED >= 1000


def test_a_person_who_was_erased_leaves_a_chain_that_holds(office: Database, heads_dir: Path):
    add(office, 800, 1)
    sealed(office, heads_dir)
    with office.write() as conn:
        conn.execute(text("UPDATE person_keys SET sealed_key = NULL, destroyed_at = 1"))

    keeper(office).prune(NOW)

    sealed(office, heads_dir)
    assert faults(office, heads_dir) == []


def test_two_who_prune_at_once_take_nothing_twice_and_the_rest_still_proves_itself(
    office: Database, heads_dir: Path
):
    add(office, *[800] * 6, 100)
    sealed(office, heads_dir)
    found = keeper(office).outdated(NOW)[0]
    with office.write() as conn:
        prune_some(conn, found, KEYRING, at_most=3)
    counts: list[int] = []

    def also() -> None:
        with office.write() as conn:
            counts.append(prune_some(conn, replace(found, before=found.before + 1), KEYRING, at_most=3))

    other = threading.Thread(target=also)
    with office.write() as conn:
        counts.append(prune_some(conn, found, KEYRING, at_most=3))
        other.start()
        wait_until(lambda: somebody_waits(office), "the other one to wait")
    other.join()

    assert counts == [3, 0]
    assert left(office) == [("login", 100)]
    assert faults(office, heads_dir) == []


def somebody_waits(database: Database) -> bool:
    if database.is_sqlite:
        return database.is_wanted()
    with database.read() as conn:
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(conn.execute(waiting).scalar_one())


def test_what_syslog_has_not_taken_is_kept_however_old(office: Database, heads_dir: Path):
    add(office, 900, 800, 1)
    sealed(office, heads_dir)
    shipping = replace(keeper(office), ships=True)

    with pytest.raises(NotShipped, match=r"2 records of hangang.*audit\.syslog"):
        shipping.prune(NOW, by="kim")
    assert left(office) == [("login", 900), ("login", 800), ("login", 1)]

    Shipping(office, KEYRING, lambda octets: None, "gate1").ship()
    shipping.prune(NOW)
    assert left(office) == [("login", 1)]

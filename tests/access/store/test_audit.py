import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.exc import IntegrityError

from access.keys.sealing import Keyring
from access.records.audit import AuditEntry
from access.records.audit_proof import Fault
from access.store import audit as audit_store
from access.store import audit_chain, heads, person_keys
from access.store.audit import Numbered, Selection
from access.store.audit_chain import Verification, seal, verify
from access.store.database import Database
from access.store.heads import HeadsUnusable
from access.store.tables import audit, audit_writers, organizations, users
from access.store.tables import audit_chain as chain_table

KEYRING = Keyring({"k1": bytes(range(32))}, "k1")
NEWER = Keyring({"k1": bytes(range(32)), "k2": bytes(32)}, "k2")
HANGANG, NAMSAN = 1, 2


@pytest.fixture
def office(database: Database) -> Database:
    """Two companies with a user each, who have the same ids as their companies."""
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


def entry(**values: Any) -> AuditEntry:
    return AuditEntry(**{"kind": "login", "at": 1000.0, "organization_id": HANGANG} | values)


def record(database: Database, *entries: AuditEntry, writer: str = "web") -> list[int]:
    with database.write() as conn:
        return [audit_store.record(conn, writer, each, KEYRING, os.urandom) for each in entries]


def load(database: Database, *numbers: int) -> int:
    numbered = [
        Numbered("radius-1", number, entry(user_id=1, detail={"number": number})) for number in numbers
    ]
    with database.write() as conn:
        return audit_store.load(conn, numbered, KEYRING, os.urandom)


def read(database: Database, **selection: Any) -> list[Any]:
    with database.read() as conn:
        return audit_store.records(conn, Selection(**selection), KEYRING)


def numbers_of(database: Database, writer: str) -> list[int]:
    with database.read() as conn:
        return list(
            conn.execute(
                select(audit.c.number).where(audit.c.writer == writer).order_by(audit.c.id)
            ).scalars()
        )


def faults_of(database: Database, heads_dir: Path) -> set[Fault]:
    return {finding.fault for finding in verify(database, KEYRING, heads_dir).findings}


def test_what_was_recorded_can_be_read_back(office: Database):
    told = entry(
        reason="WRONG_CODE", user_id=1, session_id=9, case_code="7K2MX4QD", detail={"기기": "vpn-1", "n": 3}
    )

    assert record(office, told) == [1]

    (seen,) = read(office)
    assert (seen.kind, seen.reason, seen.at) == ("login", "WRONG_CODE", 1000.0)
    assert (seen.organization_id, seen.user_id, seen.session_id, seen.case_code) == (
        HANGANG,
        1,
        9,
        "7K2MX4QD",
    )
    assert seen.detail == {"기기": "vpn-1", "n": 3}


def test_what_is_about_a_person_is_sealed_and_what_is_not_is_plain(office: Database):
    record(office, entry(user_id=1, detail={"from": "10.1.2.3"}), entry(detail={"from": "10.1.2.4"}))

    with office.read() as conn:
        about_person, about_nobody = conn.execute(select(audit.c.detail).order_by(audit.c.id)).scalars()
    assert b"10.1.2.3" not in about_person
    assert about_nobody == b'{"from":"10.1.2.4"}'


def test_each_writer_counts_without_gaps_even_when_a_transaction_is_taken_back(office: Database):
    record(office, entry(), entry())
    with pytest.raises(ZeroDivisionError), office.write() as conn:
        audit_store.record(conn, "web", entry(), KEYRING, os.urandom)
        raise ZeroDivisionError

    assert record(office, entry(), writer="tasks") == [1]
    assert record(office, entry()) == [3]


def test_a_journal_can_be_loaded_again_and_again(office: Database):
    assert load(office, 1, 2, 3) == 3
    assert load(office, 2, 3, 4) == 1
    assert load(office, 1, 2, 3, 4) == 0

    assert numbers_of(office, "radius-1") == [1, 2, 3, 4]
    assert [each.detail["number"] for each in read(office)] == [4, 3, 2, 1]


def test_rows_of_several_writers_stand_in_the_order_in_which_they_are_loaded(office: Database):
    happened = [("radius-2", 1), ("radius-1", 1), ("radius-2", 2), ("radius-1", 2)]

    with office.write() as conn:
        told = [Numbered(writer, number, entry(at=float(at))) for at, (writer, number) in enumerate(happened)]
        assert audit_store.load(conn, told, KEYRING, os.urandom) == 4

    assert [each.at for each in read(office)] == [3.0, 2.0, 1.0, 0.0]


def test_rows_are_found_by_what_people_ask_for(office: Database):
    record(
        office,
        entry(case_code="7K2MX4QD"),
        entry(user_id=2, organization_id=NAMSAN),
        entry(kind="session", session_id=5),
    )

    assert [each.id for each in read(office)] == [3, 2, 1]
    assert [each.id for each in read(office, case_code="7K2MX4QD")] == [1]
    assert [each.id for each in read(office, user_id=2)] == [2]
    assert [each.id for each in read(office, organization_id=HANGANG)] == [3, 1]
    assert [each.id for each in read(office, session_id=5)] == [3]
    assert [each.id for each in read(office, kind="session")] == [3]
    assert [each.id for each in read(office, before_id=3, limit=1)] == [2]


@pytest.mark.parametrize("table", ["audit", "audit_chain"])
@pytest.mark.parametrize("change", ["UPDATE {} SET organization_id = 2", "DELETE FROM {}"])
def test_rows_can_only_be_added(office: Database, heads_dir: Path, table: str, change: str):
    record(office, entry())
    seal(office, KEYRING, heads_dir, "a", 1.0)

    with pytest.raises(IntegrityError, match="audit rows can only be added"), office.write() as conn:
        conn.execute(text(change.format(table)))


def test_a_destroyed_key_destroys_what_was_written_and_the_chain_still_verifies(
    office: Database, heads_dir: Path
):
    record(
        office, entry(user_id=1, detail={"from": "10.1.2.3"}), entry(user_id=2, detail={"from": "10.1.2.4"})
    )
    seal(office, KEYRING, heads_dir, "a", 1.0)

    with office.write() as conn:
        assert person_keys.destroy(conn, 1, 5.0)
        assert not person_keys.destroy(conn, 1, 6.0)

    other, erased = read(office)
    assert erased.detail is None
    assert other.detail == {"from": "10.1.2.4"}
    assert verify(office, KEYRING, heads_dir).findings == ()


def test_nothing_more_is_kept_about_somebody_whose_key_was_destroyed(office: Database):
    record(office, entry(user_id=1))
    with office.write() as conn:
        person_keys.destroy(conn, 1, 5.0)

    record(office, entry(user_id=1, reason="WRONG_CODE", detail={"from": "10.1.2.3"}))

    seen = read(office)[0]
    assert seen.detail == {"erased": True}
    assert seen.reason == "WRONG_CODE"


def test_sealing_chains_each_company_by_itself_and_writes_its_head(office: Database, heads_dir: Path):
    record(office, entry(), entry(organization_id=NAMSAN), entry(), entry(organization_id=None))

    assert seal(office, KEYRING, heads_dir, "a", 1.0) == 4
    assert seal(office, KEYRING, heads_dir, "a", 2.0) == 0

    names = {path.stem for path in heads_dir.iterdir()}
    positions = {name: [head.position for head in heads.read(heads_dir, name)] for name in names}
    assert positions == {"hangang": [2], "namsan": [1], "_installation": [1]}
    seen = verify(office, KEYRING, heads_dir)
    assert seen == Verification(rows=4, unsealed=0, chains=3, findings=())


def test_heads_files_are_readable_by_their_owner_alone(office: Database, heads_dir: Path):
    record(office, entry())
    seal(office, KEYRING, heads_dir, "a", 1.0)

    assert (heads_dir / "hangang.heads").stat().st_mode & 0o077 == 0


def test_rows_that_wait_are_sealed_in_steps(office: Database):
    record(office, *[entry() for _ in range(5)])

    with office.write() as conn:
        assert [audit_chain.seal_new(conn, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_a_second_sealer_waits_for_the_lease_of_the_first(office: Database, heads_dir: Path):
    seal(office, KEYRING, heads_dir, "a", 100.0)
    record(office, entry())

    assert seal(office, KEYRING, heads_dir, "b", 101.0) == 0
    assert seal(office, KEYRING, heads_dir, "b", 131.0) == 1


def test_a_head_that_a_crash_left_out_is_written_by_the_next_step(office: Database, heads_dir: Path):
    record(office, entry())
    with office.write() as conn:
        audit_chain.seal_new(conn)

    seal(office, KEYRING, heads_dir, "a", 1.0)

    assert [head.position for head in heads.read(heads_dir, "hangang")] == [1]


def test_half_a_line_left_by_a_power_cut_does_no_harm(office: Database, heads_dir: Path):
    record(office, entry())
    seal(office, KEYRING, heads_dir, "a", 1.0)
    with (heads_dir / "hangang.heads").open("a") as file:
        file.write('{"organization": 1, "posi')
    assert verify(office, KEYRING, heads_dir).findings == ()

    record(office, entry())
    seal(office, KEYRING, heads_dir, "a", 2.0)

    assert [head.position for head in heads.read(heads_dir, "hangang")] == [1, 2]


def test_heads_that_cannot_be_written_are_an_operators_matter(office: Database, tmp_path: Path):
    record(office, entry())
    (tmp_path / "file").write_text("")

    with pytest.raises(HeadsUnusable, match=r"audit\.heads_dir"):
        seal(office, KEYRING, tmp_path / "file" / "heads", "a", 1.0)


def test_heads_signed_with_an_older_key_still_count(office: Database, heads_dir: Path):
    record(office, entry())
    seal(office, KEYRING, heads_dir, "a", 1.0)
    record(office, entry())
    seal(office, NEWER, heads_dir, "a", 2.0)

    assert verify(office, NEWER, heads_dir).findings == ()


def disarm(conn: Connection) -> None:
    """What the owner of the database can do."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        conn.execute(text("ALTER TABLE audit_chain DISABLE TRIGGER ALL"))
        return
    for table in ("audit", "audit_chain"):
        for event in ("update", "delete"):
            conn.execute(text(f"DROP TRIGGER {table}_no_{event}"))


def edit_a_row(conn: Connection) -> None:
    conn.execute(audit.update().where(audit.c.id == 2).values(reason="PERMITTED"))


def remove_a_row(conn: Connection) -> None:
    conn.execute(delete(audit).where(audit.c.id == 2))


def remove_a_row_and_its_link(conn: Connection) -> None:
    conn.execute(delete(chain_table).where(chain_table.c.audit_id == 2))
    remove_a_row(conn)


def cut_the_tail(conn: Connection) -> None:
    conn.execute(delete(chain_table).where(chain_table.c.position > 2))
    conn.execute(delete(audit).where(audit.c.id > 2))
    conn.execute(audit_writers.update().values(last_number=2, sealed_number=2))


def unchain_the_tail(conn: Connection) -> None:
    conn.execute(delete(chain_table).where(chain_table.c.position > 2))


def compute_a_new_chain(conn: Connection) -> None:
    edit_a_row(conn)
    conn.execute(delete(chain_table))
    conn.execute(audit_writers.update().values(sealed_number=0))
    audit_chain.seal_new(conn)


def remove_everything(conn: Connection) -> None:
    conn.execute(delete(chain_table))
    conn.execute(delete(audit))
    conn.execute(delete(audit_writers))


@pytest.mark.parametrize(
    ("deed", "faults"),
    [
        (edit_a_row, {Fault.EDITED}),
        (remove_a_row, {Fault.MISSING, Fault.NUMBER_GAP}),
        (remove_a_row_and_its_link, {Fault.CHAIN_GAP, Fault.NUMBER_GAP}),
        (cut_the_tail, {Fault.CUT_TAIL}),
        (unchain_the_tail, {Fault.CUT_TAIL, Fault.CHAIN_GAP}),
        (compute_a_new_chain, {Fault.REWRITTEN}),
        (remove_everything, {Fault.CUT_TAIL}),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_what_somebody_did_to_the_record_is_found(
    office: Database, heads_dir: Path, deed: Callable[[Connection], None], faults: set[Fault]
):
    record(office, *[entry(reason="WRONG_CODE") for _ in range(4)])
    seal(office, KEYRING, heads_dir, "a", 1.0)
    assert verify(office, KEYRING, heads_dir).findings == ()

    with office.write() as conn:
        disarm(conn)
        deed(conn)

    assert faults_of(office, heads_dir) == faults


def test_a_row_removed_before_it_was_sealed_is_found_by_its_number(office: Database, heads_dir: Path):
    record(office, entry(), entry())
    with office.write() as conn:
        disarm(conn)
        remove_a_row(conn)

    assert faults_of(office, heads_dir) == {Fault.NUMBER_GAP}


def test_a_tail_cut_and_grown_again_is_found(office: Database, heads_dir: Path):
    record(office, *[entry() for _ in range(4)])
    seal(office, KEYRING, heads_dir, "a", 1.0)
    with office.write() as conn:
        disarm(conn)
        cut_the_tail(conn)
    record(office, entry(reason="other"), entry(reason="other"))
    seal(office, KEYRING, heads_dir, "a", 2.0)

    assert faults_of(office, heads_dir) == {Fault.REWRITTEN}


def test_a_head_somebody_forged_is_found(office: Database, heads_dir: Path):
    record(office, entry())
    seal(office, KEYRING, heads_dir, "a", 1.0)
    file = heads_dir / "hangang.heads"
    file.write_text(file.read_text().replace('"position": 1', '"position": 2'))

    assert Fault.HEAD_UNSIGNED in faults_of(office, heads_dir)


def test_heads_that_are_gone_or_spoilt_are_said_to_be(office: Database, heads_dir: Path):
    record(office, entry())
    seal(office, KEYRING, heads_dir, "a", 1.0)
    file = heads_dir / "hangang.heads"

    file.write_text("nonsense\n")
    assert {finding.fault for finding in verify(office, KEYRING, heads_dir).findings} == {
        Fault.HEADS_UNREADABLE
    }
    file.unlink()
    assert {finding.fault for finding in verify(office, KEYRING, heads_dir).findings} == {
        Fault.HEADS_UNREADABLE
    }


def test_a_row_of_a_slow_transaction_is_sealed_later_and_never_passed_by(office: Database, heads_dir: Path):
    if office.is_sqlite:
        # There is one writer at a time: the row of a slow transaction has the lower id and commits first.
        record(office, entry(), writer="slow")
        record(office, entry(), writer="quick")
        assert seal(office, KEYRING, heads_dir, "a", 1.0) == 2
        return
    with office.write() as slow:
        audit_store.record(slow, "slow", entry(), KEYRING, os.urandom)
        record(office, entry(), writer="quick")
        assert seal(office, KEYRING, heads_dir, "a", 1.0) == 1

    assert seal(office, KEYRING, heads_dir, "a", 2.0) == 1
    assert verify(office, KEYRING, heads_dir).findings == ()

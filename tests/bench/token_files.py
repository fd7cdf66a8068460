"""Ten thousand tokens out of a file, and a hundred thousand seeds from one key to the next."""

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from uuid import UUID

from sqlalchemy import insert

from access.keys.sealing import Keyring
from access.model import Organization
from access.proof.exporting import ExportOrder, export_tokens
from access.proof.importing import Order, import_tokens
from access.proof.rekeying import rekey
from access.radius.tls_files import AuthorityFiles, Vault
from access.store import organizations, schema, tokens, watch
from access.store.database import Database
from access.store.rekeying import StoredRekeying
from access.store.tables import organizations as organizations_table
from access.store.tables import tokens as tokens_table
from access.store.tables import users
from access.store.token_import import StoredExport, StoredImport
from otp.kinds import Algorithm, Kind
from otp.seedfile import pskc, pskc_writer
from otp.seedfile.pskc_writer import Protection
from otp.seedfile.record import SeedRecord, Unlock
from tests.bench.figures import Figure
from tests.peers.postgres import Postgres

HOW = """\
- `import`: 10,000 tokens, half of them with an owner, from a PSKC file under a password: reading and
  decrypting, and the one transaction that seals and writes them, their owners' part of the audit included.
  The budget is for both.
- `export`: the same tokens into such a file.
- `rekey`: 100,000 seeds are sealed under the next key, 500 rows a transaction, while somebody else writes as
  often as they are let; `waited` is how long their transactions take.
"""

TOKENS = 10_000
SEEDS = 100_000
BUDGET_S = 60.0
PASSWORD = b"a password for the benchmark"
OLD = Keyring({"old": bytes(range(32))}, "old")
NEW = Keyring({"old": bytes(range(32)), "new": bytes(range(32, 64))}, "new")


def measure() -> Iterator[Figure]:
    """Seconds for each, on both databases."""
    for name, opened in (("sqlite", sqlite), ("postgresql", postgresql)):
        with opened() as database:
            yield from imported(database, name)
            yield from rekeyed(database, name)


@contextmanager
def sqlite() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as directory:
        yield from filled(Database(f"sqlite:///{directory}/gate.sqlite", Path(directory) / "lock", 60.0))


@contextmanager
def postgresql() -> Iterator[Database]:
    with Postgres() as cluster, tempfile.TemporaryDirectory() as directory:
        yield from filled(Database(cluster.create_database("bench"), Path(directory) / "lock"))


def filled(database: Database) -> Iterator[Database]:
    """An organization with as many people as tokens."""
    schema.upgrade(database)
    with database.write() as conn:
        row = {"key": "hangang", "name": "Hangang", "realm": "hangang.example", "language": "ko"}
        conn.execute(insert(organizations_table).values(row))
        conn.execute(insert(users), [person(number) for number in range(TOKENS)])
    yield database
    database.close()


def person(number: int) -> dict[str, object]:
    name = f"user{number}"
    return {"organization_id": 1, "entry_uuid": name, "name": name, "dn": f"uid={name}"}


def imported(database: Database, name: str) -> Iterator[Figure]:
    records = [
        SeedRecord("", f"T{n}", Kind.TOTP, os.urandom(20), owner=f"user{n}" if n % 2 else "")
        for n in range(TOKENS)
    ]
    content = pskc_writer.write(records, Protection(PASSWORD, os.urandom))
    began = time.monotonic()
    found = pskc.read(content, Unlock(PASSWORD))
    read_s = time.monotonic() - began
    with database.write() as conn:
        order = Order(organization_of(database), "the benchmark", {})
        ports = StoredImport(conn, OLD, os.urandom, "bench")
        report = import_tokens(ports, found, order, time.time())
    total_s = time.monotonic() - began
    assert report.written and not report.faults
    yield Figure(f"import_of_{TOKENS}_tokens_{name}", total_s, "s", BUDGET_S)
    yield Figure(f"import_of_{TOKENS}_tokens_{name}_transaction", total_s - read_s, "s")
    yield exported(database, name)


def exported(database: Database, name: str) -> Figure:
    began = time.monotonic()
    with database.write() as conn:
        order = ExportOrder(organization_of(database), "the benchmark", "to be measured", "pskc")
        ports = StoredExport(conn, OLD, os.urandom, "bench")
        protection = Protection(PASSWORD, os.urandom)
        _, count = export_tokens(
            ports, order, lambda found: pskc_writer.write(found, protection), time.time()
        )
    assert count == TOKENS
    return Figure(f"export_of_{TOKENS}_tokens_{name}", time.monotonic() - began, "s")


def rekeyed(database: Database, name: str) -> Iterator[Figure]:
    seeds = SEEDS - TOKENS
    with database.write() as conn:
        for start in range(0, seeds, 10_000):
            conn.execute(insert(tokens_table), [seed(start + n) for n in range(min(10_000, seeds - start))])
    with tempfile.TemporaryDirectory() as directory, writing(database) as waited:
        files = AuthorityFiles(Path(directory), Vault(NEW, os.urandom))
        ports = StoredRekeying(database, NEW, os.urandom, time.time, files, "the benchmark")
        began = time.monotonic()
        done = rekey(ports, lambda progress: None)
        took_s = time.monotonic() - began
    assert done.unused() == ["old"]
    yield Figure(f"rekey_of_{SEEDS}_seeds_{name}", took_s, "s", BUDGET_S)
    yield Figure(f"rekey_of_{SEEDS}_seeds_{name}_waited_p99", quantiles(waited, n=100)[98] * 1000, "ms")


def seed(number: int) -> dict[str, object]:
    binding = str(UUID(bytes=os.urandom(16), version=4))
    user_id = number % TOKENS + 1
    return {
        "user_id": user_id,
        "organization_id": 1,
        "binding": binding,
        "kind": Kind.TOTP.value,
        "secret": OLD.seal(os.urandom(20), tokens.bound_to(binding, 1, user_id), os.urandom),
        "algorithm": Algorithm.SHA1.value,
        "state": "active",
        "created_at": time.time(),
    }


@contextmanager
def writing(database: Database) -> Iterator[list[float]]:
    """Somebody else writes all the while; how long each transaction took, in seconds."""
    took: list[float] = []
    ends = threading.Event()

    def write() -> None:
        while not ends.wait(0.005):
            began = time.monotonic()
            with database.write() as conn:
                watch.touch(conn, time.time())
            took.append(time.monotonic() - began)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield took
    finally:
        ends.set()
        thread.join()


def organization_of(database: Database) -> Organization:
    with database.read() as conn:
        return organizations.all_organizations(conn)[0]

"""Databases for the tests of the application: `database` is migrated and empty, one of each kind."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

from access.store import schema
from access.store.database import Database
from tests.peers.lent_database import LentDatabase
from tests.peers.postgres import Postgres
from tests.peers.samba_ad import SambaAd

KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.peer("postgres")))
_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Postgres]:
    with Postgres() as cluster:
        # Nobody pulls the plug here, and a hundred databases take long to make durable.
        with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as connection:
            connection.execute("alter system set fsync = off")
            connection.execute("select pg_reload_conf()")
        yield cluster


@dataclass(frozen=True)
class Address:
    """Where a database is, and the lock file that goes with it."""

    url: str
    lock_file: Path

    def open(self) -> Database:
        return Database(self.url, self.lock_file)


@pytest.fixture(params=KINDS)
def empty_address(request: pytest.FixtureRequest, tmp_path: Path) -> Address:
    """A database that was never migrated."""
    if request.param == "sqlite":
        return Address(f"sqlite:///{_folder(tmp_path)}/empty.sqlite", tmp_path / "lock")
    cluster: Postgres = request.getfixturevalue("postgres_cluster")
    return Address(cluster.create_database(f"empty{next(_numbers)}"), tmp_path / "lock")


@pytest.fixture
def empty_database(empty_address: Address) -> Iterator[Database]:
    """A database that was never migrated."""
    opened = empty_address.open()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "gate.sqlite"
    _migrate(Address(f"sqlite:///{path}", path.with_suffix(".lock")))
    return path


@pytest.fixture(scope="session")
def lent_postgresql(postgres_cluster: Postgres, tmp_path_factory: pytest.TempPathFactory) -> LentDatabase:
    """A migrated database for one test after the other."""
    name = "migrated"
    _migrate(Address(postgres_cluster.create_database(name), tmp_path_factory.mktemp("lock") / "lock"))
    return LentDatabase(postgres_cluster, name)


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Address]:
    """Where a migrated database is that this test has for itself."""
    if request.param == "sqlite":
        file = _folder(tmp_path) / "gate.sqlite"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
        yield Address(f"sqlite:///{file}", file.with_name("gate.sqlite.lock"))
        return
    lent: LentDatabase = request.getfixturevalue("lent_postgresql")
    yield Address(lent.lend(), tmp_path / "lock")
    lent.take_back()


@pytest.fixture
def database(address: Address) -> Iterator[Database]:
    """A migrated database that this test has for itself."""
    opened = address.open()
    yield opened
    opened.close()


def _folder(tmp_path: Path) -> Path:
    """One of its own: whatever lies in it counts as part of the database."""
    folder = tmp_path / "db"
    folder.mkdir()
    return folder


def _migrate(address: Address) -> None:
    database = address.open()
    try:
        schema.upgrade(database)
    finally:
        database.close()


@pytest.fixture(scope="session")
def active_directory() -> Iterator[SambaAd]:
    """A domain controller with its winbindd (7 s): tests add accounts of their own."""
    with SambaAd() as opened:
        yield opened

"""A real PostgreSQL 15: a cluster of its own, as the user Debian made for it, durable as in production."""

import os
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from tests.peers.available import POSTGRES_PROGRAMS, program
from tests.peers.leftovers import descendants, running
from tests.peers.ports import LOOPBACK, free_port
from tests.peers.process import Daemon
from tests.peers.waiting import wait_until

USER = "officegate"
# initdb and postgres refuse to run as root.
SYSTEM_USER = "postgres"


@dataclass
class Postgres:
    """One cluster on a loopback port; every database asked for is new."""

    password: str = field(default="password-of-the-database", repr=False)

    def __enter__(self) -> Self:
        self._kept = tempfile.TemporaryDirectory(prefix="postgres-")
        self.directory = Path(self._kept.name)
        try:
            self.port = free_port()
            self._initialize()
            self._start()
        except BaseException:
            self._kept.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._kept.cleanup()

    @property
    def pid(self) -> int:
        return self.daemon.pid

    def create_database(self, name: str) -> str:
        """A new empty database; comes back as its SQLAlchemy URL (psycopg 3)."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Also when something is still connected to it."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{USER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def dsn(self, database: str) -> str:
        """The same for psycopg itself."""
        return f"postgresql://{USER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def stop(self) -> None:
        """At once, also with clients connected: SIGTERM would wait for them to leave."""
        self.daemon.stop(signal.SIGINT)

    def restart(self) -> None:
        self.stop()
        self._start()

    def kill(self) -> None:
        """SIGKILL to the postmaster: what it acknowledged must be there after restart()."""
        family = descendants(self.pid)
        self.daemon.kill()
        # They are groups of their own and notice a moment later; until then nobody may start on their memory.
        wait_until(lambda: family.isdisjoint(running()), "the processes of the killed cluster to go")

    def _initialize(self) -> None:
        secret = self.directory / "password"
        secret.write_text(self.password, encoding="utf-8")
        drop = []
        if os.geteuid() == 0:
            for path in (self.directory, secret):
                os.chown(path, *owner())
            drop = [program("setpriv"), "--reuid", SYSTEM_USER, "--regid", SYSTEM_USER, "--init-groups", "--"]
        options = ["--auth=scram-sha-256", f"--username={USER}", f"--pwfile={secret}", "--encoding=UTF8"]
        options += ["--locale=C.UTF-8", "--no-sync", f"--pgdata={self.directory / 'cluster'}"]
        done = subprocess.run(
            [*drop, str(POSTGRES_PROGRAMS / "initdb"), *options],
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"initdb: {done.stdout}{done.stderr}")

    def _start(self) -> None:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": str(self.directory),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(POSTGRES_PROGRAMS / "postgres"), "-D", str(self.directory / "cluster"), *options]
        self.daemon = Daemon(command, self.directory, ready=self._accepts, user=SYSTEM_USER)
        self.daemon.start()

    def _accepts(self) -> bool:
        try:
            psycopg.connect(self.dsn("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def owner() -> tuple[int, int]:
    """(uid, gid) of the system user."""
    status = Path("/var/lib/postgresql").stat()
    return status.st_uid, status.st_gid

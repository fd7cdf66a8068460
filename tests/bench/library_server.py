"""The radius library alone, as a process: passwords in memory, everyone granted, nothing recorded.

Run as `python -m tests.bench.library_server PORT FILE`: the first line of the file is the secret, then
follows NAME TAB PASSWORD for each person. It serves until it is killed.
"""

import hmac
import os
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from radius.effects import Role
from radius.listener import Listener
from radius.nas import Nas
from radius.questions import Authorize, CheckPassword, Granted, Outcome, PasswordRight, Question, Refused
from radius.server import Server
from radius.surroundings import Endpoint
from tests.bench.radius_client import Credential
from tests.layering import ROOT
from tests.peers.ports import LOOPBACK, free_port
from tests.peers.process import Daemon

SERVING = "serving"
REFUSED = Refused("no", None)


@dataclass(frozen=True)
class Application:
    """Answers everything at once."""

    passwords: Mapping[str, str]

    def ask(self, query: int, question: Question) -> Outcome:
        if isinstance(question, CheckPassword):
            right = self.passwords.get(question.user_name, "")
            same = hmac.compare_digest(right.encode(), question.password.encode())
            return PasswordRight(question.user_name) if right and same else REFUSED
        if isinstance(question, Authorize):
            return Granted((), os.urandom(32), question.user_name, None)
        return REFUSED

    def catch_up(self) -> None:
        """Nothing changes here."""

    def find_peer(self, key: str) -> Nas | None:
        """Nobody connects here."""
        return None

    def before_decisions(self) -> None:
        return

    def before_accepts(self) -> int:
        """Nothing moves here."""
        return 0

    def decide_again(self, _question: Authorize, granted: Granted) -> Granted:
        return granted

    def record(self, records: list[object]) -> None:
        return


@contextmanager
def serving(credentials: Sequence[Credential], secret: str) -> Iterator[tuple[int, int]]:
    """The process; (port, pid)."""
    port = free_port()
    with TemporaryDirectory(prefix="library-") as kept:
        people = "".join(f"{each.name}\t{each.password}\n" for each in credentials)
        known = Path(kept) / "people"
        known.touch(mode=0o600)
        known.write_text(f"{secret}\n{people}", encoding="utf-8")
        daemon = Daemon(
            [sys.executable, "-m", "tests.bench.library_server", str(port), str(known)],
            Path(kept),
            ready=lambda: SERVING in daemon.log,
            environment={"PYTHONPATH": str(ROOT)},
        )
        with daemon:
            yield port, daemon.pid


def serve(port: int, known: Path) -> None:
    secret, *people = known.read_text("utf-8").splitlines()
    nas = Nas("bench", "bench", (secret.encode(),))
    passwords = dict(line.split("\t") for line in people)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind((LOOPBACK, port))
        server = Server({ip_address(LOOPBACK): nas}.get, os.urandom, {})
        listener = Listener([Endpoint(udp, Role.AUTHENTICATION)], server, Application(passwords))
        print(SERVING, flush=True)
        listener.serve()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))

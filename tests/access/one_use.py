"""Rounds in which many writers spend one code at the same moment; who was told yes is counted.

A writing process (python -m tests.access.one_use) has four threads. It is told by a line of JSON what to do,
and answers each line with a number. In a round all four spend the code at once, and it answers with how many
were told that it was right. To die it makes a child that kills itself with -9, just before or just after its
commit, and answers with the signal.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Barrier
from typing import Any

from access.logins.spent_together import Typed, spend_codes
from access.model import User
from access.proof.authentication import Spent, spend_code, spend_registration
from access.proof.factors import NewToken
from access.store import codes, tokens
from access.store.database import Connection, Database
from otp import bypass, hotp, mailed, recovery, registration
from otp.kinds import Kind
from otp.throttle import NO_FAILURES
from otp.token import State, Token
from tests.access.residents import (
    DICE,
    KEYRING,
    NOW,
    SECRET,
    Dice,
    give_phone,
    settle_in,
    shown,
    stored_codes,
)

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 2
THREADS = 4
PATIENCE_S = 60


@dataclass(frozen=True)
class Round:
    """One code of one person, and when it is spent."""

    kind: str
    user_id: int
    code: str
    now: float


def deal(database: Database, kind: str, rounds: int) -> list[Round]:
    """Fresh codes of one kind, one for each round."""
    return DEALERS[kind](database, settle_in(database), rounds)


def _totp(database: Database, user_id: int, rounds: int) -> list[Round]:
    give_phone(database, user_id)
    moments = [NOW + 90.0 * number for number in range(rounds)]
    return [Round("totp", user_id, shown(now=now), now) for now in moments]


def _totp_together(database: Database, user_id: int, rounds: int) -> list[Round]:
    return [replace(turn, kind="totp together") for turn in _totp(database, user_id, rounds)]


def _recovery(database: Database, user_id: int, rounds: int) -> list[Round]:
    """Codes of as many people as it takes, each with as many as people have."""
    dealt: list[Round] = []
    for number, person in enumerate(_people(database, user_id, -(-rounds // recovery.COUNT))):
        printed, held = recovery.issue(Dice(number + 2), stored_codes(database).code_key())
        with database.write() as conn:
            codes.replace_recovery(conn, person, held, KEYRING.current, NOW)
        dealt += [Round("recovery", person, code, NOW) for code in printed]
    return dealt[:rounds]


def _hotp(database: Database, user_id: int, rounds: int) -> list[Round]:
    button = Token(SECRET, kind=Kind.HOTP, state=State.ACTIVE)
    with database.write() as conn:
        tokens.add(conn, KEYRING, NewToken(user_id, button, serial="FT-1"), 1, DICE)
    return [Round("hotp", user_id, hotp.code_at(button, number), NOW) for number in range(rounds)]


def _bypass(database: Database, user_id: int, rounds: int) -> list[Round]:
    """Codes of one use, each of another person."""
    dealt = []
    for number, person in enumerate(_people(database, user_id, rounds)):
        limits = bypass.Limits(uses=1)
        code, made = bypass.issue(Dice(number + 2), stored_codes(database).code_key(), limits, NOW)
        with database.write() as conn:
            codes.replace_bypass(conn, person, made, (KEYRING.current, "desk"), NOW)
        dealt.append(Round("bypass", person, code, NOW))
    return dealt


def _mailed(database: Database, user_id: int, rounds: int) -> list[Round]:
    dealt = []
    for number, person in enumerate(_people(database, user_id, rounds)):
        key = stored_codes(database).code_key()
        code, made = mailed.issue(Dice(number + 2), key, frozenset({"portal"}), NO_FAILURES, NOW)
        with database.write() as conn:
            codes.add_mailed(conn, person, made, KEYRING.current, NOW)
        dealt.append(Round("e-mail", person, code, NOW))
    return dealt


def _people(database: Database, user_id: int, count: int) -> list[int]:
    return [user_id, *(settle_in(database, f"guest{number}") for number in range(count - 1))]


def _registration(database: Database, user_id: int, rounds: int) -> list[Round]:
    dealt = []
    for number, person in enumerate(_people(database, user_id, rounds)):
        code, invitation = registration.invite(Dice(number + 2), stored_codes(database).code_key(), NOW)
        with database.write() as conn:
            codes.replace_invitation(conn, person, invitation, (KEYRING.current, ""), NOW)
        dealt.append(Round("registration", person, code, NOW))
    return dealt


DEALERS: dict[str, Callable[[Database, int, int], list[Round]]] = {
    "totp": _totp,
    "totp together": _totp_together,
    "hotp": _hotp,
    "bypass": _bypass,
    "e-mail": _mailed,
    "recovery": _recovery,
    "registration": _registration,
}


def spend(database: Database, turn: Round) -> int:
    """How often this writer was told that the code was right."""
    user = User(turn.user_id, "hangang", "minjun.kim", "")
    if turn.kind == "totp together":
        with closing(stored_codes(database)) as ports:
            answers = spend_codes(ports, [Typed(user, turn.code)] * 2, turn.now)
        return sum(isinstance(answer, Spent) for answer in answers)
    spender = spend_registration if turn.kind == "registration" else spend_code
    return isinstance(spender(stored_codes(database), user, turn.code, turn.now), Spent)


class Writers:
    """One process that spends what it is told to."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.access.one_use"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "Writers":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=PATIENCE_S)

    @contextmanager
    def opened(self, url: str, lock_file: Path) -> Iterator[None]:
        """With this database, which nobody here has open afterwards."""
        self.tell("open", url, str(lock_file))
        self.answer()
        try:
            yield
        finally:
            self.tell("close")
            self.answer()

    def tell(self, *what: object) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def answer(self) -> int:
        assert self._process.stdout
        return int(self._process.stdout.readline())


@contextmanager
def several_writers() -> Iterator[list[Writers]]:
    """As many processes as race, for one database after the other."""
    with ExitStack() as stack:
        yield [stack.enter_context(Writers()) for _ in range(PROCESSES)]


def race(writers: list[Writers], url: str, lock_file: Path, rounds: list[Round]) -> list[int]:
    """How many of the eight writers were told yes, for each round."""
    told = []
    with ExitStack() as stack:
        for writer in writers:
            stack.enter_context(writer.opened(url, lock_file))
        for turn in rounds:
            for writer in writers:
                writer.tell("spend", asdict(turn))
            told.append(sum(writer.answer() for writer in writers))
    return told


def die(writer: Writers, url: str, lock_file: Path, turn: Round, when: str) -> None:
    """Spend a code in a process that is killed with -9 just "before" or just "after" its commit."""
    writer.tell("die", url, str(lock_file), asdict(turn), when)
    assert writer.answer() == signal.SIGKILL


class Serving:
    """What a writing process does, by what it is told."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads, self._together = threads, Barrier(THREADS)
        self._database: Database | None = None

    def open(self, url: str, lock_file: str) -> int:
        self._database = Database(url, Path(lock_file))
        return 0

    def close(self) -> int:
        assert self._database
        self._database.close()
        self._database = None
        return 0

    def spend(self, turn: dict[str, Any]) -> int:
        return sum(self._threads.map(self._write, [Round(**turn)] * THREADS))

    def die(self, url: str, lock_file: str, turn: dict[str, Any], when: str) -> int:
        """The signal that ended the child. It opens the database itself, and nobody else here has it open."""
        child = os.fork()
        if not child:
            kind = Dying if when == "before" else Database
            try:
                _spend_and_die(kind(url, Path(lock_file)), Round(**turn))
            finally:
                os._exit(1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) * -1

    def _write(self, turn: Round) -> int:
        assert self._database
        self._together.wait(PATIENCE_S)
        return spend(self._database, turn)


def _serve() -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        serving = Serving(threads)
        for line in sys.stdin:
            word, *what = json.loads(line)
            print(getattr(serving, word)(*what), flush=True)


def _spend_and_die(database: Database, turn: Round) -> None:
    assert spend(database, turn)
    os.kill(os.getpid(), signal.SIGKILL)


class Dying(Database):
    """Its process is killed with all statements of a transaction done, and nothing committed."""

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with super().write() as conn:
            yield conn
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def writing_on(self, connection: Any) -> Iterator[None]:
        with super().writing_on(connection):
            yield
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    _serve()

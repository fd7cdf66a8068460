"""One-time codes verified among a hundred thousand people, as another application has them verified."""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import quantiles

from access.directory.verdict import PasswordOutcome
from access.model import Facts, Request, Subject, User, Via
from access.policy.compiled import Policy, compile
from access.policy.decide import decide
from access.policy.document import load
from access.proof.code_check import Application, AskedCode, check_code
from access.proof.factors import Factor, NewToken
from access.proof.throttle import PasswordThrottle
from access.store import tokens
from access.store.database import Database
from access.store.identity import StoredIdentity
from access.store.many_rows import add as add_rows
from access.store.tables import users
from otp.token import State, Token
from otp.totp import code_at, step_at
from tests.bench.figures import Figure
from tests.bench.token_files import OLD, postgresql, sqlite

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
VERIFIED = 3_000
AT_ONCE = 8
BUDGET_RATE = 300.0
BUDGET_P99_MS = 50.0
HOW = f"""\
- `verify`: {VERIFIED:,} codes of as many people out of {PEOPLE:,}, {AT_ONCE} at a time in one process:
  whose it is, the statement that spends it, the decision of the policy, the row of the audit. `p50` and `p99`
  are of single ones at a third of that rate.
"""
POLICY = """\
version: 1
rules:
  - id: vpn
    permit: [login:vpn]
    who: [organization:hangang]
    when: {otp_age: 12h}
"""


def measure() -> Iterator[Figure]:
    """Codes a second on both databases, and how long one takes at a third of that rate."""
    for name, opened in (("sqlite", sqlite), ("postgresql", postgresql)):
        with opened() as database:
            yield from measure_on(database, f"verify_among_{PEOPLE}_people_{name}")


def measure_on(database: Database, name: str) -> Iterator[Figure]:
    desk = Desk(database, compile(load(POLICY)))
    secrets = desk.settle()
    people = iter(secrets.items())
    took_s = desk.verify([next(people) for _ in range(VERIFIED)], 0.0)
    rate = VERIFIED / took_s.all_s
    yield Figure(f"{name}_rate", rate, "codes/s", BUDGET_RATE, at_least=True)
    paced = desk.verify([next(people) for _ in range(VERIFIED)], 3 / rate)
    cuts = quantiles(paced.each_s, n=100)
    yield Figure(f"{name}_p50", cuts[49] * 1000, "ms")
    yield Figure(f"{name}_p99", cuts[98] * 1000, "ms", BUDGET_P99_MS)


@dataclass(frozen=True)
class Took:
    """Seconds for all, and for each from when it was to begin."""

    all_s: float
    each_s: Sequence[float]


@dataclass(frozen=True)
class Desk:
    """Where codes are verified."""

    database: Database
    policy: Policy

    def settle(self) -> dict[str, bytes]:
        """People with a phone each, as many as are measured; the others without. The secrets by name."""
        secrets = {f"person{number}": os.urandom(20) for number in range(2 * VERIFIED)}
        names = [*secrets, *(f"other{number}" for number in range(PEOPLE - len(secrets)))]
        columns = ("organization_id", "entry_uuid", "name", "dn")
        with self.database.write() as conn:
            add_rows(conn, users, columns, [(1, name, name, f"uid={name}") for name in names])
            ids = {row.name: row.id for row in conn.execute(users.select()) if row.name in secrets}
            for name, secret in secrets.items():
                new = NewToken(ids[name], Token(secret, state=State.ACTIVE), created_at=time.time())
                tokens.add(conn, OLD, new, 1, os.urandom)
        return secrets

    def verify(self, people: Sequence[tuple[str, bytes]], every_s: float) -> Took:
        """Verify a code of each, one every so many seconds whatever becomes of the others."""
        ports = StoredIdentity(self.database, OLD, os.urandom, "web", PasswordThrottle(), _no_directory, {})
        application = Application("bench", "hangang", "127.0.0.1")
        began = time.monotonic()

        def one(index: int) -> float:
            due = began + index * every_s
            time.sleep(max(0.0, due - time.monotonic()))
            begins = due if every_s else time.monotonic()
            name, secret = people[index]
            now = time.time()
            code = code_at(Token(secret), step_at(now, 30))
            answer = check_code(ports, application, AskedCode(name, code), now)
            facts = Facts(via=Via.VPN, otp_at=now, factor=Factor.TOTP)
            decision = decide(self.policy, Subject(1, "hangang", name), Request("login:vpn", facts), now)
            assert answer.accepted and decision.permitted
            return time.monotonic() - begins

        with ThreadPoolExecutor(AT_ONCE) as pool:
            each_s = list(pool.map(one, range(len(people))))
        return Took(time.monotonic() - began, each_s)


def _no_directory(_organization: str | None, _user: User | None, _password: str) -> PasswordOutcome:
    return PasswordOutcome.WRONG

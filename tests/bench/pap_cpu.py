"""CPU of a RADIUS server per PAP login: ours beside FreeRADIUS 3.2 with `files` and `pap` and no logging."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median

from tests.bench.figures import Figure
from tests.bench.machine import cpu_s
from tests.bench.pap_client import Credential, offer, prepare
from tests.peers.freeradius import FileUser, FreeRadius

USERS = 1000
REQUESTS = 20_000
ROUNDS = 5
WARM_UP = 2000
SECRET = "secret-of-the-benchmark"
ORACLE = "freeradius"


@dataclass(frozen=True)
class Subject:
    """A running server: pids are all the processes that work for it."""

    port: int
    secret: str = field(repr=False)
    pids: Sequence[int]


Start = Callable[[Sequence[Credential]], AbstractContextManager[Subject]]


@contextmanager
def start_freeradius(credentials: Sequence[Credential]) -> Iterator[Subject]:
    users = [FileUser(credential.name, credential.password) for credential in credentials]
    with FreeRadius(users, SECRET) as server:
        yield Subject(server.port, SECRET, [server.pid])


# What is measured, and the most it may cost in CPU of FreeRADIUS (DESIGN section 6); None for the oracle.
SUBJECTS: Mapping[str, tuple[Start, float | None]] = {
    ORACLE: (start_freeradius, None),
}


def measure() -> Iterator[Figure]:
    """Microseconds of CPU per login of each server, the rate, and each one's ratio to the oracle."""
    credentials = [Credential(f"user{number}", f"pass-{number}") for number in range(USERS)]
    with ExitStack() as running:
        subjects = {name: running.enter_context(start(credentials)) for name, (start, _) in SUBJECTS.items()}
        costs: dict[str, list[float]] = {name: [] for name in subjects}
        rates: dict[str, list[float]] = {name: [] for name in subjects}
        for turn in range(ROUNDS):
            # One after the other within a round: what else the machine does hits all alike.
            for name, subject in subjects.items():
                cost_s, took_s = run(subject, credentials, turn)
                costs[name].append(cost_s / REQUESTS)
                rates[name].append(REQUESTS / took_s)
    for name, (_, budget) in SUBJECTS.items():
        yield Figure(f"pap_cpu_{name}", median(costs[name]) * 1e6, "us")
        yield Figure(f"pap_rate_{name}", median(rates[name]), "logins/s")
        if name != ORACLE:
            pairs = zip(costs[name], costs[ORACLE], strict=True)
            yield Figure(
                f"pap_cpu_ratio_{name}", median(ours / theirs for ours, theirs in pairs), "ratio", budget
            )


def run(subject: Subject, credentials: Sequence[Credential], turn: int) -> tuple[float, float]:
    """(CPU seconds, seconds) for REQUESTS logins, after some that are not counted."""
    secret = subject.secret.encode()
    offer(subject.port, prepare(credentials, secret, WARM_UP, seed=2 * turn))
    requests = prepare(credentials, secret, REQUESTS, seed=2 * turn + 1)
    before = cpu_s(subject.pids)
    took_s = offer(subject.port, requests)
    return cpu_s(subject.pids) - before, took_s

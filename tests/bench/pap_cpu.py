"""CPU of a RADIUS server per login: ours beside FreeRADIUS 3.2 with `files` and `pap` and no logging."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from statistics import median, quantiles

from access.directoryd import sync_once
from access.model import Via
from access.nas.registry import Code
from tests.bench import floor_server, library_server
from tests.bench.figures import Figure
from tests.bench.installation import SECRET, following, installed
from tests.bench.machine import cpu_s
from tests.bench.radius_client import Credential, offer, offer_at, prepare
from tests.peers.freeradius import FileUser, FreeRadius
from tests.peers.people import company
from tests.peers.slapd import Slapd

HOW = """\
- `pap_freeradius`: FreeRADIUS with `files` and `pap` and no logging, 1,000 people, 128 requests under way at
  any moment. This is what the ratios are to: the median over three rounds of both servers in turn.
- `pap_python_floor`: a Python process that only receives, computes the hashes that RADIUS demands (the
  Message-Authenticator of both packets, the key of the password, the authenticator of the reply) and sends.
  It parses nothing, looks nobody up and keeps nothing: no server written in Python alone can cost less.
- `pap_library_unrecorded`: the `radius` library alone in one process, with passwords in memory, no policy and
  no record.
- `mab_officegate_durable`: `officegate radius` with one worker a core; 1,000 machines log in by MAB, the
  policy decides, the record is on disk before the reply leaves. `with_loader` adds the process that then
  moves the records into SQLite, until it is done.
- `pap_network_password_officegate_durable`: the same for 1,000 people with a network password, which a worker
  knows by heart.
- `pap_ldap_bind_officegate_durable`: the same for their passwords at the directory, which slapd checks in a
  bind over a kept connection without TLS. slapd's own CPU is not counted.
  In each of the three, `p50` and `p99` are at half of the rate: a reply's time counts from when its request
  was to be sent.
"""

USERS = 1000
ROUNDS = 3
# Enough for the clock of CPU time, which counts in hundredths of a second.
FAST, DURABLE, BOUND = 20_000, 4000, 2000
WARM_UP = 500
LATENCY_S = 4.0
ORACLE = "pap_freeradius"


@dataclass(frozen=True)
class Subject:
    """A running server, who logs in there and how often in a round.

    pids are the processes that answer; apart is one that goes on working afterwards, until settle returns.
    """

    port: int
    credentials: Sequence[Credential] = field(repr=False)
    requests: int
    pids: Sequence[int]
    apart: int | None = None
    settle: Callable[[], None] = lambda: None


@dataclass
class Costs:
    """What each round cost: CPU seconds a login without and with the process apart, and logins a second."""

    answering_s: list[float] = field(default_factory=list)
    all_s: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)


# The most that a subject may cost in CPU of FreeRADIUS (DESIGN section 6); None where that has no budget.
BUDGETS: dict[str, float | None] = {
    "pap_python_floor": None,
    "pap_library_unrecorded": 0.5,
    "mab_officegate_durable": 1.0,
    "pap_network_password_officegate_durable": 1.0,
    "pap_ldap_bind_officegate_durable": None,
}


def measure() -> Iterator[Figure]:
    """Microseconds of CPU per login of each server, the rate, and each one's ratio to the oracle."""
    people = [Credential(f"user{number}", f"pass-{number}") for number in range(USERS)]
    with ExitStack() as running:
        subjects = {
            ORACLE: running.enter_context(start_freeradius(people)),
            "pap_python_floor": running.enter_context(start_floor(people)),
            "pap_library_unrecorded": running.enter_context(start_library(people)),
            **running.enter_context(start_officegate()),
        }
        costs = {name: Costs() for name in subjects}
        for turn in range(ROUNDS):
            # One after the other within a round: what else the machine does hits all alike.
            for name, subject in subjects.items():
                run(subject, costs[name], turn)
        for name, cost in costs.items():
            yield from figures(name, cost, costs[ORACLE], subjects[name].apart is not None)
            if subjects[name].apart is not None:
                yield from latencies(name, subjects[name], median(cost.rates) / 2)


def figures(name: str, cost: Costs, oracle: Costs, apart: bool) -> Iterator[Figure]:
    """The lines of one server."""
    yield Figure(f"{name}_cpu", median(cost.answering_s) * 1e6, "us")
    yield Figure(f"{name}_rate", median(cost.rates), "logins/s")
    if name == ORACLE:
        return
    yield Figure(f"{name}_cpu_ratio", ratio(cost.answering_s, oracle), "ratio", BUDGETS[name])
    if apart:
        yield Figure(f"{name}_with_loader_cpu", median(cost.all_s) * 1e6, "us")
        yield Figure(f"{name}_with_loader_cpu_ratio", ratio(cost.all_s, oracle), "ratio", BUDGETS[name])


def latencies(name: str, subject: Subject, rate: float) -> Iterator[Figure]:
    """How long a login takes while they come at a fixed rate."""
    subject.settle()
    offered = int(rate * LATENCY_S)
    requests = prepare(subject.credentials, SECRET.encode(), offered, seed=-1)
    cuts = quantiles(offer_at(subject.port, requests, rate).latencies_s, n=100)
    yield Figure(f"{name}_p50", cuts[49] * 1000, "ms")
    yield Figure(f"{name}_p99", cuts[98] * 1000, "ms")


def ratio(ours: Sequence[float], oracle: Costs) -> float:
    """The median over the rounds of what ours cost in terms of the oracle's."""
    return median(own / theirs for own, theirs in zip(ours, oracle.answering_s, strict=True))


def run(subject: Subject, costs: Costs, turn: int) -> None:
    """Add what a round of logins cost, after some that are not counted."""
    secret = SECRET.encode()
    offer(subject.port, prepare(subject.credentials, secret, WARM_UP, seed=2 * turn))
    subject.settle()
    requests = prepare(subject.credentials, secret, subject.requests, seed=2 * turn + 1)
    apart = [subject.apart] if subject.apart is not None else []
    before, before_apart = cpu_s(subject.pids), cpu_s(apart)
    took_s = offer(subject.port, requests)
    answering_s = cpu_s(subject.pids) - before
    subject.settle()
    costs.answering_s.append(answering_s / subject.requests)
    costs.all_s.append((answering_s + cpu_s(apart) - before_apart) / subject.requests)
    costs.rates.append(subject.requests / took_s)


@contextmanager
def start_freeradius(credentials: Sequence[Credential]) -> Iterator[Subject]:
    users = [FileUser(credential.name, credential.password) for credential in credentials]
    with FreeRadius(users, SECRET) as server:
        yield Subject(server.port, credentials, FAST, [server.pid])


@contextmanager
def start_floor(credentials: Sequence[Credential]) -> Iterator[Subject]:
    with floor_server.serving(SECRET) as (port, pid):
        yield Subject(port, credentials, FAST, [pid])


@contextmanager
def start_library(credentials: Sequence[Credential]) -> Iterator[Subject]:
    with library_server.serving(credentials, SECRET) as (port, pid):
        yield Subject(port, credentials, FAST, [pid])


@contextmanager
def start_officegate() -> Iterator[dict[str, Subject]]:
    """One service as `officegate radius` runs it, for machines by MAB and for people by PAP."""
    office = company("hangang", "한강전자", USERS)
    macs = [f"00-00-5e-00-{number >> 8:02x}-{number & 255:02x}" for number in range(USERS)]
    with Slapd([office]) as slapd, installed(**following(slapd, office)) as ours:
        sync_once(ours.app, ours.organization, accept_mass_change=False)
        ours.add_nas(Via.WIRED, Code.NONE)
        ours.add_machines(macs)
        known = dict(ours.give_network_passwords())
        ours.publish(macs)
        with ours.serving() as service:
            machines = [Credential(mac, mac, mac, call_check=True) for mac in macs]
            # Each at a station of their own, or the throttle would take them for one that tries every name.
            people = [
                Credential(person.uid, person.password, f"02{mac[2:]}")
                for person, mac in zip(office.people, macs, strict=True)
            ]
            by_heart = [replace(person, password=known[person.name]) for person in people]
            yield {
                name: Subject(
                    service.port, credentials, requests, service.workers, service.loader, ours.settle
                )
                for name, credentials, requests in (
                    ("mab_officegate_durable", machines, DURABLE),
                    ("pap_network_password_officegate_durable", by_heart, DURABLE),
                    ("pap_ldap_bind_officegate_durable", people, BOUND),
                )
            }

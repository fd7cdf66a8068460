"""Logins of a large company: password at the directory, code, policy, record."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import quantiles

from access.directoryd import sync_once
from access.model import Via
from access.nas.registry import Code
from otp.token import Token
from otp.totp import code_at, step_at
from tests.bench.figures import Figure
from tests.bench.installation import SECRET, Installation, Service, following, installed
from tests.bench.machine import cpu_s
from tests.bench.radius_client import Credential, Tally, offer, offer_at, offer_for, prepare
from tests.peers.people import Company, company
from tests.peers.slapd import Options, Slapd

HOW = """\
- `login_bind_totp`: VPN logins with password and code in one: LDAP bind, TOTP spent in the database, policy,
  record. `rate` is with 128 under way; then requests are sent at a fixed rate whatever the server does, and
  a reply's time counts from when its request was to be sent. `not_accepted` are right logins that were
  refused or got no answer.
"""

# For 1,500 logins a second: a code is good once, and so nobody logs in twice.
PHONES = 12000
SEED = b"twenty octets of key"
PERIOD_S = 30
RATE_S = 4.0
# At half of the budgeted rate; shorter, since a server that cannot keep up needs long to catch up.
BUDGETED_RATE, BUDGETED_S = 500.0, 3.0
HALF_RATE_S = 4.0


def measure() -> Iterator[Figure]:
    """Figures of logins with a password at the directory and a code, a phone for everybody."""
    office = short_passwords(company("hangang", "한강전자", PHONES))
    with Slapd([office], Options(sync_disk=False)) as slapd, installed(**following(slapd, office)) as ours:
        sync_once(ours.app, ours.organization, accept_mass_change=False)
        ours.add_nas(Via.VPN, Code.APPENDED)
        ours.publish()
        yield from logins(ours, slapd, office)


def short_passwords(office: Company) -> Company:
    """The company with passwords that fit one block of a User-Password together with a code."""
    people = tuple(replace(person, password=f"p-{number}") for number, person in enumerate(office.people))
    return replace(office, people=people)


@dataclass
class Queue:
    """People with a phone, each handed out once: a code is good once."""

    office: Company
    taken: int = 0

    def take(self, count: int) -> list[Credential]:
        """As many who have not logged in yet, each at a station of their own, with the code of now.

        Raises RuntimeError where so many are not left: their codes would be refused, and rightly so.
        """
        people = self.office.people[self.taken : self.taken + count]
        if len(people) < count:
            raise RuntimeError(f"{count} logins need phones, and {len(people)} are left: raise PHONES")
        first, self.taken = self.taken, self.taken + count
        code = code_at(Token(SEED), step_at(time.time(), PERIOD_S))
        return [
            Credential(person.uid, person.password + code, f"02-00-00-00-{place >> 8:02x}-{place & 255:02x}")
            for place, person in enumerate(people, first)
        ]


def logins(ours: Installation, slapd: Slapd, office: Company) -> Iterator[Figure]:
    """VPN logins: password by LDAP bind, code, policy, record; client and directory on the same cores."""
    ours.give_phones([person.uid for person in office.people[:PHONES]], SEED)
    queue = Queue(office)
    name = f"login_bind_totp_{PHONES}_users"
    with ours.serving() as service:
        yield from rate(name, ours, slapd, service, queue)


def rate(name: str, ours: Installation, slapd: Slapd, service: Service, queue: Queue) -> Iterator[Figure]:
    """How many a second, what each costs, and how long one takes at half of that and of the budget."""
    offer(service.port, prepare(queue.take(200), SECRET.encode(), 200, seed=0))
    ours.settle()
    before, before_directory = cpu_s(service.workers), cpu_s([slapd.pid])
    requests = prepare(queue.take(PHONES // 2), SECRET.encode(), PHONES // 2, seed=1)
    tally = offer_for(service.port, requests, RATE_S)
    count, own = len(tally.latencies_s), len(tally.latencies_s) / tally.took_s
    yield Figure(f"{name}_rate", own, "logins/s", 1000, at_least=True)
    yield Figure(f"{name}_not_accepted", tally.refused, "logins")
    yield Figure(f"{name}_cpu_of_workers", (cpu_s(service.workers) - before) / count * 1e6, "us")
    yield Figure(f"{name}_cpu_of_slapd", (cpu_s([slapd.pid]) - before_directory) / count * 1e6, "us")
    for label, paced, for_s, budget in (
        ("at_half_of_that_rate", own / 2, HALF_RATE_S, None),
        (f"at_{BUDGETED_RATE:.0f}_a_second", BUDGETED_RATE, BUDGETED_S, 50.0),
    ):
        ours.settle()
        offered = int(paced * for_s)
        tally = offer_at(service.port, prepare(queue.take(offered), SECRET.encode(), offered, seed=2), paced)
        yield from _latencies(f"{name}_{label}", tally, budget)


def _latencies(name: str, tally: Tally, budget: float | None) -> Iterator[Figure]:
    cuts = quantiles(tally.latencies_s, n=100)
    yield Figure(f"{name}_p50", cuts[49] * 1000, "ms")
    yield Figure(f"{name}_p99", cuts[98] * 1000, "ms", budget)
    yield Figure(f"{name}_not_accepted", tally.refused + tally.unanswered, "logins")

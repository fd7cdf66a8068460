"""Monday at nine: everybody's endpoint logs in by EAP at once, and some binds of the directory are slow."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from statistics import quantiles

from OpenSSL import SSL

from access.directoryd import sync_once
from access.model import Via
from access.nas.registry import Code
from tests.bench.eap_client import Login, Nas
from tests.bench.figures import Figure
from tests.bench.installation import SECRET, following, installed
from tests.bench.machine import cpu_s
from tests.bench.slow_directory import slowed
from tests.bench.supplicant import Endpoint, Method, Supplicant, context
from tests.peers.people import Person, company
from tests.peers.slapd import Slapd

HOW = """\
- `eap_storm`: 2,000 people, each at an endpoint of their own, log in by EAP-TTLS/PAP over TLS 1.3 with full
  handshakes, 250 new ones a second whatever the server does (BENCH_STORM_S seconds, 120 by default). A
  proxy holds every tenth bind back for 3 s. The NAS repeats what is not answered after 2, 6 and 14 s;
  `answered` is from a request's first sending to its reply, the longest of each login. `done` are those
  accepted.
"""

PEOPLE = 2000
RATE = 250.0
STORM_S = float(os.environ.get("BENCH_STORM_S", "120"))
SLOW_SHARE, SLOW_S = 0.1, 3.0
Begin = Callable[[float], Login]


def measure() -> Iterator[Figure]:
    """How the logins went, and what each cost."""
    office = company("hangang", "한강전자", PEOPLE)
    with ExitStack() as running:
        slapd = running.enter_context(Slapd([office]))
        port = running.enter_context(slowed(slapd.port, SLOW_SHARE, SLOW_S))
        ours = running.enter_context(
            installed(**following(slapd, office) | {"ldap_url": f"ldap://127.0.0.1:{port}"})
        )
        sync_once(ours.app, ours.organization, accept_mass_change=False)
        ours.add_nas(Via.WIRED, Code.NONE)
        ours.publish()
        with ours.serving() as service, Nas(service.port, SECRET) as nas:
            authority = ours.app.settings.state_dir / "tls" / "authority.pem"
            before = cpu_s(service.workers)
            offered = int(RATE * STORM_S)
            nas.run_at(logins(office.people, context(authority, SSL.TLS1_3_VERSION), offered), RATE)
            yield from figures(nas, offered, (cpu_s(service.workers) - before) / offered)


def logins(people: Sequence[Person], tls: SSL.Context, count: int) -> Iterator[Begin]:
    """The endpoints in turn."""
    for number in range(count):
        place = number % len(people)
        person = people[place]
        station = f"00-00-5e-00-{place >> 8:02x}-{place & 255:02x}"
        endpoint = Endpoint(Method.TTLS_PAP, person.uid, person.password, station=station)

        def begin(due: float, endpoint: Endpoint = endpoint) -> Login:
            return Login(endpoint, Supplicant(endpoint, tls), due)

        yield begin


def figures(nas: Nas, offered: int, cpu_each_s: float) -> Iterator[Figure]:
    outcomes = nas.outcomes
    yield Figure("eap_storm_offered", offered, "logins")
    yield Figure("eap_storm_done", 100 * outcomes.accepted / offered, "%", 99.9, at_least=True)
    yield Figure("eap_storm_refused", outcomes.refused, "logins")
    yield Figure("eap_storm_unanswered", outcomes.unanswered, "logins", 0)
    yield Figure("eap_storm_repeated", outcomes.repeated, "requests")
    yield Figure("eap_storm_cpu_of_workers", cpu_each_s * 1e6, "us")
    if len(outcomes.took_s) > 1:
        took, answered = (quantiles(each, n=100) for each in (outcomes.took_s, outcomes.answered_s))
        yield Figure("eap_storm_p50", took[49] * 1000, "ms")
        yield Figure("eap_storm_p99", took[98] * 1000, "ms")
        yield Figure("eap_storm_answered_p99", answered[98] * 1000, "ms")
        yield Figure("eap_storm_answered_longest", max(outcomes.answered_s), "s", 5)

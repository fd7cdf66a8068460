"""CPU of a RADIUS server per login by EAP: ours beside FreeRADIUS 3.2, with the same certificate and key."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from OpenSSL import SSL

from access.model import Via
from access.nas.registry import Code
from tests.bench.eap_client import Login, Nas
from tests.bench.eap_floor import Floor
from tests.bench.figures import Figure
from tests.bench.installation import SECRET, installed
from tests.bench.machine import cpu_s
from tests.bench.supplicant import Endpoint, Method, Supplicant, context
from tests.peers.certificates import Files, create_authority
from tests.peers.freeradius import FileUser, FreeRadius

HOW = """\
- `eap_tls`, `eap_ttls_pap`, `eap_peap_mschapv2`: logins by EAP over TLS 1.2 and 1.3, by a whole handshake or
  resumed (`resumed`), 32 under way at any moment; the median over three rounds of both servers in turn.
  `freeradius` is FreeRADIUS with its sessions kept on disk, without logging. `officegate` is `officegate
  radius` with one worker a core: the policy decides, the record is on disk before the Accept leaves;
  passwords are network passwords, certificates come from an authority it is told to trust. Both have the same
  certificate and key (P-256). `trips` are Access-Requests a login; that of a Nak is not among ours, for every
  endpoint has logged in before, uncounted, and is offered its method at once. `openssl_floor` is the server's
  end of the same handshake in the same run in pyOpenSSL over memory BIOs, with the same certificate and key,
  and nothing else: no RADIUS, no EAP, no password, no policy, no record. No server in Python that has its TLS
  from pyOpenSSL can go below it, so where it is more than half of `freeradius` none can meet the budget.
"""

PEOPLE = 150
ROUNDS = 3
TURNS = 4
AT_ONCE = 32
BUDGET = 0.5
VERSIONS = {"tls12": SSL.TLS1_2_VERSION, "tls13": SSL.TLS1_3_VERSION}


@dataclass(frozen=True)
class Server:
    """A running server: who can log in there, and the processes that answer."""

    port: int
    secret: str = field(repr=False)
    pids: Sequence[int]
    passwords: Sequence[tuple[str, str]] = field(repr=False)
    settle: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Kind:
    """What is measured: a method over a version of TLS, whole or resumed."""

    method: Method
    version: str
    resumed: bool

    @property
    def name(self) -> str:
        return f"eap_{self.method.name.lower()}_{self.version}" + ("_resumed" if self.resumed else "")


@dataclass
class Costs:
    """CPU seconds a login in each round, Access-Requests a login, whether its session was resumed."""

    cpu_s: list[float] = field(default_factory=list)
    trips: float = 0.0
    resumed: bool = False


KINDS = [Kind(*each) for each in product(Method, VERSIONS, (False, True))]


def measure() -> Iterator[Figure]:
    """Microseconds of CPU per login of each server, and their ratio, for every kind of login."""
    with TemporaryDirectory(prefix="eap-") as kept, ExitStack() as running:
        authority = create_authority(Path(kept))
        # FreeRADIUS drops root before it reads them.
        Path(kept).chmod(0o755)
        files = authority.issue("radius.example")
        files.key.chmod(0o644)
        clients = authority.issue("user1", client=True)
        theirs = running.enter_context(freeradius(files))
        ours = running.enter_context(officegate(files))
        for kind in KINDS:
            yield from compare(kind, theirs, ours, clients)
            yield floor(kind, files, clients)


def compare(kind: Kind, theirs: Server, ours: Server, client: Files) -> Iterator[Figure]:
    """The lines of one kind of login."""
    costs = {"freeradius": Costs(), "officegate": Costs()}
    for _ in range(ROUNDS):
        for cost, server in zip(costs.values(), (theirs, ours), strict=True):
            run(kind, server, client, cost)
    for name, cost in costs.items():
        yield Figure(f"{kind.name}_{name}_cpu", median(cost.cpu_s) * 1e6, "us")
        yield Figure(f"{kind.name}_{name}_trips", cost.trips, "requests")
    if costs["freeradius"].resumed != kind.resumed:
        # FreeRADIUS gives no session for TTLS over TLS 1.3: there is nothing to compare with.
        return
    ratio = median(
        own / other for own, other in zip(costs["officegate"].cpu_s, costs["freeradius"].cpu_s, strict=True)
    )
    yield Figure(f"{kind.name}_cpu_ratio", ratio, "ratio", BUDGET)


def floor(kind: Kind, server: Files, client: Files) -> Figure:
    """The line that says how much of it is the handshake."""
    version = VERSIONS[kind.version]
    tls = context(client.authority, version, laptop(kind.method, 0, ("", ""), client))
    least = Floor(kind.method, version, server, tls)
    cost_s = median(least.cost_s(PEOPLE, kind.resumed) for _ in range(ROUNDS))
    return Figure(f"{kind.name}_openssl_floor_cpu", cost_s * 1e6, "us")


def run(kind: Kind, server: Server, client: Files, costs: Costs) -> None:
    """Add what a round of logins cost, after some that are not counted."""
    laptops = [laptop(kind.method, number, each, client) for number, each in enumerate(server.passwords)]
    tls = context(client.authority, VERSIONS[kind.version], laptops[0])
    first = log_in(server, [(each, tls, None) for each in laptops])
    sessions = [each.supplicant.session() if kind.resumed else None for each in first]
    server.settle()
    before = cpu_s(server.pids)
    again = [(each.endpoint, tls, session) for each, session in zip(first, sessions, strict=True)]
    counted = log_in(server, again * TURNS)
    costs.cpu_s.append((cpu_s(server.pids) - before) / len(counted))
    costs.trips = sum(each.round_trips for each in counted) / len(counted)
    costs.resumed = all(each.supplicant.resumed for each in counted)


Start = tuple[Endpoint, SSL.Context, SSL.Session | None]


def log_in(server: Server, starts: Sequence[Start]) -> list[Login]:
    """Log all of these in, and return how each went. Raises AssertionError where one was refused."""
    with Nas(server.port, server.secret) as nas:
        nas.run((partial(_begin, start) for start in starts), AT_ONCE)
    outcomes = nas.outcomes
    assert outcomes.accepted == len(starts), f"{outcomes.refused} right logins were refused"
    return nas.finished


def _begin(start: Start, due: float) -> Login:
    endpoint, tls, session = start
    return Login(endpoint, Supplicant(endpoint, tls, session), due)


def laptop(method: Method, number: int, password: tuple[str, str], client: Files) -> Endpoint:
    station = f"00-00-5e-00-{number >> 8:02x}-{number & 255:02x}"
    if method is Method.TLS:
        return Endpoint(method, "user1", "", client.certificate, client.key, station)
    return Endpoint(method, *password, station=station)


@contextmanager
def freeradius(files: Files) -> Iterator[Server]:
    people = [(f"user{number}", f"pass-{number}") for number in range(1, PEOPLE + 1)]
    # It keeps a session only together with something to say on resumption.
    users = [FileUser(name, password, {"User-Name": f'"{name}"'}) for name, password in people]
    with FreeRadius(users, SECRET, eap=True, threads=2, files=files, resumes=True) as server:
        yield Server(server.port, SECRET, [server.pid], people)


@contextmanager
def officegate(files: Files) -> Iterator[Server]:
    with installed() as ours:
        ours.add_nas(Via.WIRED, Code.NONE)
        ours.publish()
        passwords = ours.settle_in(PEOPLE)
        trust = {
            "authorities__laptops__organization": ours.organization.key,
            "authorities__laptops__certificate": str(files.authority),
            "authorities__laptops__mapping": "cn",
            "authorities__laptops__revocation": "none",
        }
        own = {"certificate": str(files.certificate), "private_key": str(files.key)}
        with ours.serving(settings=trust | own) as service:
            yield Server(service.port, SECRET, service.workers, passwords, ours.settle)

"""What a RADIUS worker remembers: its resident memory without anybody, and with a large company."""

from collections.abc import Iterator
from functools import partial

from OpenSSL import SSL
from sqlalchemy import insert

from access.model import Via
from access.nas.registry import Code
from access.store.tables import groups, memberships, users
from tests.bench.eap_client import Login, Nas
from tests.bench.figures import Figure
from tests.bench.installation import SECRET, Installation, Service, installed
from tests.bench.machine import resident_octets
from tests.bench.supplicant import Endpoint, Method, Supplicant, context

HOW = """\
- `radius_worker_memory`: resident memory of a RADIUS worker that is ready, in an installation whose people,
  each in three of 500 groups, were written to the database directly.
- `radius_worker_half_open`: what each of 1,500 EAP-TTLS conversations adds to it whose endpoints fell silent
  after the server's certificate.
"""

PEOPLE, GROUPS, GROUPS_EACH = 100_000, 500, 3
HALF_OPEN = 1500
# Identity, Nak, ClientHello: after the answer to that the server waits in the middle of its handshake.
TRIPS = 3


def measure() -> Iterator[Figure]:
    """Megabytes (10**6) of one worker."""
    with installed() as ours:
        ours.publish()
        ours.add_nas(Via.WIRED, Code.NONE)
        with ours.serving(workers=1) as service:
            alone = resident_octets(service.workers[0])
            yield Figure("radius_worker_memory_knowing_nobody", alone / 1e6, "MB")
            _leave_open(ours, service)
            each = (resident_octets(service.workers[0]) - alone) / HALF_OPEN
            yield Figure("radius_worker_half_open", each / 1024, "KiB")
        _settle_in(ours)
        yield Figure(f"radius_worker_memory_knowing_{PEOPLE}_users", _resident_mb(ours), "MB", 200)


def _leave_open(ours: Installation, service: Service) -> None:
    """Begin conversations that nobody goes on with."""
    authority = ours.app.settings.state_dir / "tls" / "authority.pem"
    tls = context(authority, SSL.TLS1_3_VERSION)
    with Nas(service.port, SECRET, silent_after=TRIPS) as nas:
        nas.run((partial(_half, tls, number) for number in range(HALF_OPEN)), at_once=16)
        assert nas.outcomes.silent == HALF_OPEN, f"{nas.outcomes} of {HALF_OPEN} conversations"


def _half(tls: SSL.Context, number: int, due: float) -> Login:
    station = f"00-00-5e-00-{number >> 8:02x}-{number & 255:02x}"
    endpoint = Endpoint(Method.TTLS_PAP, f"user{number}", "", station=station)
    return Login(endpoint, Supplicant(endpoint, tls), due)


def _resident_mb(ours: Installation) -> float:
    with ours.serving(workers=1) as service:
        return resident_octets(service.workers[0]) / 1e6


def _settle_in(ours: Installation) -> None:
    """Write the people and their groups as a sync would have."""
    company = {"organization_id": ours.organization.id}
    with ours.app.database.write() as conn:
        conn.execute(insert(groups), [company | _entry("cn", number) for number in range(1, GROUPS + 1)])
        conn.execute(insert(users), [company | _entry("uid", number) for number in range(1, PEOPLE + 1)])
        placed = [
            {"user_id": user, "group_id": (user * 7 + turn * 131) % GROUPS + 1}
            for user in range(1, PEOPLE + 1)
            for turn in range(GROUPS_EACH)
        ]
        conn.execute(insert(memberships), placed)


def _entry(kind: str, number: int) -> dict[str, object]:
    name = f"{kind}.{number}"
    dn = f"{kind}={name},dc=hangang,dc=example"
    return {"id": number, "entry_uuid": name, "name": name, "dn": dn, "dn_key": dn}

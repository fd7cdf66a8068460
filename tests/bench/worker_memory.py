"""What a RADIUS worker remembers: its resident memory without anybody, and with a large company."""

from collections.abc import Iterator

from sqlalchemy import insert

from access.store.tables import groups, memberships, users
from tests.bench.figures import Figure
from tests.bench.installation import Installation, installed
from tests.bench.machine import resident_octets

PEOPLE, GROUPS, GROUPS_EACH = 100_000, 500, 3


def measure() -> Iterator[Figure]:
    """Megabytes (10**6) of one worker."""
    with installed() as ours:
        ours.publish()
        yield Figure("radius_worker_memory_knowing_nobody", _resident_mb(ours), "MB")
        _settle_in(ours)
        yield Figure(f"radius_worker_memory_knowing_{PEOPLE}_users", _resident_mb(ours), "MB", 200)


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

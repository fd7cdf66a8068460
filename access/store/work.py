"""What is to be done on devices: one row per (device, lane), claimed under a lease and a fence. ◆

Rules: a change raises `wanted`. A worker claims a row whose wanted is ahead of done, whose not_before has
come and whose lease is free or over; the claim raises the fence. It finishes with the value of wanted that it
worked on, and only while the fence is still its own: a worker that was thought dead cannot finish for its
successor. Where wanted moved meanwhile the row simply is due again. A bell that is lost or doubled changes
nothing here.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, select, text, update

from access.gateways.lanes import Claim, Due, Lane, LaneState
from access.store.tables import work

FIRST_WAIT_S = 2.0
# A gateway that answers again should hear of revocations soon; chains and maps can wait for it.
LONGEST_WAIT_S = {Lane.MEMBERSHIP: 10.0, Lane.STRUCTURE: 600.0}


# Both databases understand it, and two who ask at once both are heard.
_WANT = text(
    """
    INSERT INTO work (device_id, lane, wanted) VALUES (:device_id, :lane, 1)
    ON CONFLICT (device_id, lane) DO UPDATE SET wanted = work.wanted + 1
    RETURNING wanted
    """
)


def want(conn: Connection, device_id: int, lane: Lane) -> int:
    """Ask for another pass over a lane; the new value of wanted.

    A lane that waits after a failure waits on.
    """
    return int(conn.execute(_WANT, {"device_id": device_id, "lane": lane.value}).scalar_one())


def wanted(conn: Connection, device_id: int, lane: Lane) -> int:
    """The newest generation asked for, 0 if none ever was."""
    return int(conn.execute(select(work.c.wanted).where(_row(device_id, lane))).scalar() or 0)


def done(conn: Connection, device_id: int, lane: Lane) -> int:
    """The newest generation that was reached, 0 if none ever was."""
    return int(conn.execute(select(work.c.done).where(_row(device_id, lane))).scalar() or 0)


def due(conn: Connection, now: float, limit: int = 1000) -> list[Due]:
    """Lanes with something to do that nobody works on, longest waiting first."""
    rows = conn.execute(
        select(work.c.device_id, work.c.lane).where(_claimable(now)).order_by(work.c.not_before).limit(limit)
    )
    return [Due(row.device_id, Lane(row.lane)) for row in rows]


def claim(conn: Connection, due: Due, owner: str, now: float, lease_s: float) -> Claim | None:
    """The right to work on a lane until now + lease_s, or None: nothing to do, or somebody is at it."""
    row = conn.execute(
        update(work)
        .where(_row(due.device_id, due.lane), _claimable(now))
        .values(fence=work.c.fence + 1, owner=owner, lease_until=now + lease_s)
        .returning(work.c.wanted, work.c.done, work.c.fence)
    ).first()
    return Claim(due.device_id, due.lane, row.wanted, row.done, row.fence, now + lease_s) if row else None


def finish(conn: Connection, claim: Claim, reached: int, now: float) -> bool:
    """Record that a generation is reached; False if the fence is no longer ours.

    Where that is less than what is wanted, the lane is due again.
    """
    done = conn.execute(
        update(work)
        .where(_row(claim.device_id, claim.lane), work.c.fence == claim.fence)
        .values(done=reached, done_at=now, lease_until=0, owner="", failures=0, failure="", not_before=0)
    )
    return done.rowcount == 1


def fail(conn: Connection, claim: Claim, failure: str, now: float, jitter: float) -> float | None:
    """Put a lane off after a failure; when it is due again, or None if the fence is no longer ours.

    The wait doubles from FIRST_WAIT_S to the lane's longest and is multiplied by jitter, which is in (0, 1].
    """
    mine = (_row(claim.device_id, claim.lane), work.c.fence == claim.fence)
    failures = conn.execute(select(work.c.failures).where(*mine)).scalar()
    if failures is None:
        return None
    wait_s = min(LONGEST_WAIT_S[claim.lane], FIRST_WAIT_S * 2.0 ** min(int(failures), 20))
    not_before = now + wait_s * jitter
    conn.execute(
        update(work)
        .where(*mine)
        .values(failures=int(failures) + 1, failure=failure, not_before=not_before, lease_until=0, owner="")
    )
    return not_before


def release(conn: Connection, owners: Collection[str]) -> int:
    """Free the lanes that these owners have claimed, because they have surely died; how many that were."""
    freed = update(work).where(work.c.owner.in_(owners)).values(lease_until=0, owner="")
    return conn.execute(freed).rowcount


def held_by(conn: Connection, now: float) -> set[str]:
    """The owners of claims that have not run out."""
    return set(conn.execute(select(work.c.owner).where(work.c.lease_until > now)).scalars())


def hurry(conn: Connection, device_id: int) -> None:
    """Let the lanes of a device be tried again now, whatever failed before."""
    conn.execute(update(work).where(work.c.device_id == device_id).values(not_before=0))


def lanes(conn: Connection) -> list[LaneState]:
    """Every lane of every device."""
    rows = conn.execute(select(work).order_by(work.c.device_id, work.c.lane))
    return [
        LaneState(
            row.device_id,
            Lane(row.lane),
            row.wanted,
            row.done,
            row.failures,
            row.failure,
            row.not_before,
            row.done_at,
        )
        for row in rows
    ]


def _row(device_id: int, lane: Lane) -> ColumnElement[bool]:
    return (work.c.device_id == device_id) & (work.c.lane == lane.value)


def _claimable(now: float) -> ColumnElement[bool]:
    return (work.c.wanted > work.c.done) & (work.c.not_before <= now) & (work.c.lease_until <= now)

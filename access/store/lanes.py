"""The lanes of devices as a worker claims them, and the rows it works from. ◆"""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from access.gateways.lanes import Claim, Due, Lane
from access.gateways.livesessions import Ground, ground
from access.gateways.reconcile import Drift, Job, Outcome, Written
from access.keys.sealing import Keyring
from access.nas import pools
from access.policy.compiled import Policy
from access.policy.kept_texts import followed
from access.policy.waves import NOBODY
from access.records.audit import AuditEntry
from access.store import audit, devices, pairs, policies, single_values, work
from access.store.database import Database
from access.store.enforcement import ENFORCED
from vpn.compile import structure
from vpn.grant import Pair
from vpn.state import CHAIN_VERSION, GatewayState

LOG = structlog.get_logger()

# Whoever is killed holds a lane up for so long; whoever is slow must not need longer for one go.
LEASE_S = {Lane.MEMBERSHIP: 5.0, Lane.STRUCTURE: 60.0}
ROWS_AT_ONCE = 2000


@dataclass
class Grounds:
    """The cut of the policy that is enforced, kept until another is."""

    _revision: str | None = None
    _ground: Ground | None = None

    def current(self, conn: Connection) -> Ground:
        """The ground that the enforcer weighs on."""
        revision = single_values.get(conn, ENFORCED) or ""
        if self._ground is None or revision != self._revision:
            self._ground = ground(_policy(conn, revision), self._ground)
            self._revision = revision
        return self._ground


def _policy(conn: Connection, revision: str) -> Policy | None:
    """The policy of a revision, or of two that are in force for some people each: both are cut alike."""
    versions = [policies.version(conn, each) for each in revision.split("+") if each]
    compiled = [followed(version.document) for version in versions if version]
    return compiled[0].in_waves(compiled[1], NOBODY) if len(compiled) > 1 else next(iter(compiled), None)


@dataclass(frozen=True)
class StoredLanes:
    """What access.gateways.reconcile asks of the world. owner: this worker; writer names it in the audit."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    owner: str
    grounds: Grounds
    writer: str = "worker"

    def claim(self, due: Due, now: float) -> Job | None:
        """The right to work on a lane."""
        with self.database.write() as conn:
            claim = work.claim(conn, due, self.owner, now, LEASE_S[due.lane])
        return Job(claim, StoredRows(self.database, claim, self.grounds)) if claim else None

    def finish(self, job: Job, outcome: Outcome, now: float) -> None:
        """Record what a lane has reached, and what was found on the way."""
        claim, drift = job.claim, outcome.drift
        with self.database.write() as conn:
            if not work.finish(conn, claim, outcome.reached, now):
                work.want(conn, claim.device_id, Lane.STRUCTURE)
                return
            devices.record_seen(conn, claim.device_id, now)
            if claim.lane is Lane.MEMBERSHIP:
                pairs.drop_removed(conn, claim.device_id, outcome.reached)
                return
            single_values.put(conn, _whole(claim.device_id), _rules(conn, claim.device_id, self.grounds))
            work.hurry(conn, claim.device_id)
            devices.record_drift(conn, claim.device_id, drift.count, now)
            if drift.count:
                self._tell(conn, claim.device_id, drift, now)

    def put_off(self, job: Job, failure: str, unsure: bool, now: float) -> None:
        """Record a failure, and have the gateway read where nobody knows what it holds."""
        claim = job.claim
        jitter = 0.5 + self.random(1)[0] / 510
        with self.database.write() as conn:
            mine = work.fail(conn, claim, failure, now, jitter) is not None
            if unsure and (not mine or claim.lane is Lane.MEMBERSHIP):
                work.want(conn, claim.device_id, Lane.STRUCTURE)
            if mine:
                devices.record_failure(conn, claim.device_id, failure, now)
            device = devices.device_by_id(conn, claim.device_id)
        name = device.name if device else claim.device_id
        LOG.warning("device not in step", device=name, lane=claim.lane.value, why=failure)

    def _tell(self, conn: Connection, device_id: int, drift: Drift, now: float) -> None:
        device = devices.device_by_id(conn, device_id)
        detail = {
            "what": "gateway.drift-repaired",
            "device": device.name if device else "",
            "missing": drift.missing,
            "foreign": drift.foreign,
            "rules": drift.rules,
        }
        company = device.organization_id if device else None
        entry = AuditEntry("enforcement", now, "DRIFT", company, detail=detail)
        audit.record(conn, self.writer, entry, self.keyring, self.random)
        LOG.warning("drift repaired", **{name: value for name, value in detail.items() if name != "what"})


@dataclass(frozen=True)
class StoredRows:
    """The rows of the gateway of a claim."""

    database: Database
    claim: Claim
    grounds: Grounds

    def written(self) -> Written:
        """The rows since the last confirmed generation, the oldest generations first."""
        claim = self.claim
        with self.database.read() as conn:
            upto = pairs.generation_of_row(conn, claim.device_id, claim.done, ROWS_AT_ONCE)
            rows = pairs.since(conn, claim.device_id, claim.done, upto)
        # What was written after the claim is carried out as well, and confirmed by the next.
        return Written(rows, claim.wanted if upto is None else min(upto, claim.wanted))

    def intended(self, now: float) -> GatewayState:
        """What the gateway should hold."""
        with self.database.read() as conn:
            device = devices.device_by_id(conn, self.claim.device_id)
            if device is None:
                return GatewayState()
            atoms = self.grounds.current(conn).atoms
            held = pairs.standing(conn, device.id)
        # A pair of an atom that the rules do not know yet, or no longer, lets nothing through.
        standing = frozenset(pair for pair in held if pair.until is None or pair.until > now)
        return GatewayState(structure(device.gateway, atoms), standing)

    def settled(self, pairs_: Collection[Pair]) -> frozenset[Pair]:
        """Those without a row that waits for the membership lane."""
        with self.database.read() as conn:
            done = work.done(conn, self.claim.device_id, Lane.MEMBERSHIP)
            waiting = {row.pair.key for row in pairs.since(conn, self.claim.device_id, done)}
        return frozenset(pair for pair in pairs_ if pair.key not in waiting)

    def write_again(self, pairs_: Collection[Pair]) -> None:
        """Give those that stand a new generation."""

        def touch(conn: Connection, some: Sequence[Pair]) -> None:
            standing = pairs.standing_of(conn, self.claim.device_id, some)
            if standing:
                generation = work.want(conn, self.claim.device_id, Lane.MEMBERSHIP)
                pairs.touch(conn, self.claim.device_id, standing, generation)

        self.database.bulk(pairs_, touch)

    def was_whole(self) -> bool:
        """Whether the rules that are intended were confirmed before."""
        with self.database.read() as conn:
            confirmed = single_values.get(conn, _whole(self.claim.device_id))
            return confirmed == _rules(conn, self.claim.device_id, self.grounds)


def _whole(device_id: int) -> str:
    return f"whole.{device_id}"


def _rules(conn: Connection, device_id: int, grounds: Grounds) -> str:
    """What the rules of a gateway follow from, as one text."""
    device = devices.device_by_id(conn, device_id)
    held = sorted(map(pools.write, device.pools)) if device else []
    return json.dumps([CHAIN_VERSION, grounds.current(conn).revision, held])

"""The publication that comes in waves, if one is on its way, and the policy with it. ◆"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from sqlalchemy import Connection

from access.changes.publishing import NOTHING, Draft, Taken
from access.changes.rollout import Harm, Rollout, Stood
from access.keys.sealing import Keyring
from access.policy.compiled import Policy
from access.policy.kept_texts import followed
from access.policy.waves import read_wave
from access.records.alarms import Alarm, AlarmKind
from access.records.audit import AuditEntry
from access.store import audit, drafts, feed, organizations, policies, single_values, taken_lately
from access.store.alarms import StoredAlarms
from access.store.audit import Selection
from access.store.database import Database
from access.store.feed import Topic
from access.store.wave_harm import LAST, harm_of
from access.store.wave_judge import Judge

KEY = "policy.rollout"
NONE = ""
MOST_RECORDS = 500
_BEGAN, _MOVED = "policy.wave-began", "policy.wave-moved"
_MOVES = (_BEGAN, _MOVED)
_OF_PARTS = frozenset({"organization", "part", "part_base"})


def current(conn: Connection) -> Rollout | None:
    """The rollout that is on its way; None: there is none."""
    return _read(single_values.get(conn, KEY) or NONE)


def with_newer(conn: Connection, policy: Policy | None) -> Policy | None:
    """The policy in force with the newer one that speaks for some, if one does."""
    rollout = current(conn)
    if policy is None or rollout is None or rollout.base != policy.revision:
        return policy
    version = policies.version(conn, rollout.revision)
    return policy.in_waves(followed(version.document), rollout.wave) if version else policy


def is_known(conn: Connection, policy: Policy) -> bool:
    """Whether a policy is the one in force with the wave that stands now."""
    if policies.in_force(conn) != policy.revision:
        return False
    rollout = current(conn)
    if rollout is None or rollout.base != policy.revision:
        return policy.newer is None
    newer = policy.newer.revision if policy.newer is not None else ""
    return (newer, policy.wave) == (rollout.revision, rollout.wave)


@dataclass(frozen=True, slots=True)
class StoredRollouts:
    """What access.changes.rollout works with. writer names this process in the audit.

    judge: remembers what it has seen of the wave that stands, for whoever looks again and again.
    """

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str
    judge: Judge | None = None

    def current(self) -> Rollout | None:
        """The rollout that is on its way."""
        with self.database.read() as conn:
            return current(conn)

    def begin(self, draft: Draft, rollout: Rollout, now: float, taken: Taken = NOTHING) -> bool:
        """Let a policy speak for its first wave; False where another is on its way or in force by now."""
        with self.database.write() as conn:
            if policies.in_force(conn) != rollout.base or current(conn) is not None:
                return False
            policies.keep(conn, draft, rollout.revision, now)
            single_values.put(conn, KEY, _written(rollout))
            if not drafts.approvals(conn, self.keyring, *rollout.signed):
                taken_lately.add(conn, draft.author_id, taken_lately.Act.PUBLISHED, taken, now)
            self._tell(conn, _BEGAN, rollout, now, by=draft.by)
            return True

    def harm(self, rollout: Rollout) -> Harm:
        """What the wave has done since it stands."""
        with self.database.read() as conn:
            if self.judge is not None:
                return self.judge.harm(conn, self.keyring, rollout)
            return harm_of(conn, self.keyring, rollout, (rollout.since, LAST))

    def course(self, rollout: Rollout, organization: str = "") -> list[Stood]:
        """The waves that have stood and the one that stands, each with what it did, as the audit has it.

        organization: the one of whose records and sessions alone is told, "" for all.
        """
        with self.database.read() as conn:
            only = organizations.id_of(conn, organization) if organization else None
            moments = sorted(self._moved(conn, rollout.revision))[-rollout.step - 1 :]
            begun = zip(rollout.waves, pairwise([*moments, LAST]), strict=False)
            return [
                Stood(
                    wave,
                    since,
                    None if until == LAST else until,
                    harm_of(conn, self.keyring, rollout, (since, until), only),
                )
                for wave, (since, until) in begun
            ]

    def _moved(self, conn: Connection, revision: str) -> Iterator[float]:
        """When a revision began to come in waves, the last time, and when it was moved on; the last first."""
        chosen = Selection(kind="policy", limit=MOST_RECORDS)
        while found := audit.records(conn, chosen, self.keyring):
            for each in found:
                detail = each.detail or {}
                if detail.get("revision") == revision and detail.get("what") in _MOVES:
                    yield each.at
                    if detail["what"] == _BEGAN:
                        return
            chosen = replace(chosen, before_id=found[-1].id)

    def move(self, before: Rollout, after: Rollout, now: float, by: str = "") -> bool:
        """Go on to another wave, or hold it."""
        with self.database.write() as conn:
            if not single_values.replace(conn, KEY, _written(before), _written(after)):
                return False
            self._tell(conn, "policy.wave-held" if after.held else _MOVED, after, now, by=by)
            return True

    def finish(self, rollout: Rollout, now: float, by: str = "") -> bool:
        """Put the newer policy in force for everybody."""
        with self.database.write() as conn:
            if not single_values.replace(conn, KEY, _written(rollout), NONE):
                return False
            version = policies.version(conn, rollout.revision)
            text = version.document if version else ""
            draft = Draft(
                text,
                rollout.author,
                rollout.base,
                rollout.note,
                rollout.author_id,
                organization=rollout.organization,
            )
            if not text or not policies.put_in_force(conn, draft, rollout.revision, now):
                return False
            given = drafts.approvals(conn, self.keyring, *rollout.signed)
            drafts.tell(conn, draft, rollout.revision, [each.login for each in given], now)
            drafts.drop_published(conn, rollout.signed[0], now)
            self._tell(conn, "policy.published", rollout, now, by=by)
            return True

    def take_back(self, rollout: Rollout, why: str, now: float, alarm: bool = True) -> bool:
        """Let the newer policy speak for nobody."""
        with self.database.write() as conn:
            if not single_values.replace(conn, KEY, _written(rollout), NONE):
                return False
            self._tell(conn, "policy.wave-taken-back", rollout, now, why=why)
            if alarm:
                self._alarm(conn, rollout, why, now)
            return True

    def _alarm(self, conn: Connection, rollout: Rollout, why: str, now: float) -> None:
        """Say that a wave was taken back; to whom the part is, without the people of others who were hit."""
        stored = StoredAlarms(conn, self.keyring, self.random, self.writer)
        stored.raise_alarm(Alarm(AlarmKind.WAVE_TAKEN_BACK, rollout.revision[:12], why, None), now)
        if rollout.organization:
            company = organizations.id_of(conn, rollout.organization)
            stored.raise_alarm(Alarm(AlarmKind.WAVE_TAKEN_BACK, rollout.part[:12], "", company), now)

    def _tell(self, conn: Connection, what: str, rollout: Rollout, now: float, **more: str) -> None:
        feed.append(conn, Topic.POLICY, rollout.revision, None, now)
        said = {"wave": str(rollout.wave), "author": rollout.author, "note": rollout.note}
        whole = {"what": what, "revision": rollout.revision, "replaced": rollout.base, **said}
        whole |= {name: each for name, each in more.items() if each}
        self._record(conn, AuditEntry(kind="policy", at=now, detail=whole))
        if rollout.organization:
            # Whoever moved it may be of another company, and why it was taken back counts people of others.
            part = {"what": what, "part": rollout.part, "replaced": rollout.part_base, **said}
            company = organizations.id_of(conn, rollout.organization)
            self._record(conn, AuditEntry("policy", now, organization_id=company, detail=part))

    def _record(self, conn: Connection, entry: AuditEntry) -> None:
        audit.record(conn, self.writer, entry, self.keyring, self.random)


def _written(rollout: Rollout) -> str:
    values = {name: getattr(rollout, name) for name in Rollout.__slots__ if name != "waves"}
    if not rollout.organization:
        # As versions write it that know of no parts: one of those may be moving it.
        values = {name: each for name, each in values.items() if name not in _OF_PARTS}
    return json.dumps(values | {"waves": [str(wave) for wave in rollout.waves]}, sort_keys=True)


def _read(text: str) -> Rollout | None:
    if not text:
        return None
    values = json.loads(text)
    values["waves"] = tuple(map(read_wave, values["waves"]))
    return Rollout(**values)

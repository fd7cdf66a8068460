"""The ports of access.changes.policy_watch. ◆"""

from collections.abc import Callable
from dataclasses import dataclass

from access.keys.sealing import Keyring
from access.policy.compiled import Policy
from access.policy.kept_texts import followed
from access.policy.vocabulary import World
from access.records.alarms import AlarmPorts
from access.store import policies, rollouts
from access.store.alarms import StoredAlarms
from access.store.database import Database


@dataclass(frozen=True, slots=True)
class StoredPolicyWatching:
    """What there is in the tables. writer names this process in the audit."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str

    def policy(self) -> Policy | None:
        """The policy in force; None before the first."""
        with self.database.read() as conn:
            current = policies.current(conn)
        return followed(current.document) if current else None

    def newer(self) -> Policy | None:
        """The one that comes in waves and speaks for some already; None: there is none."""
        with self.database.read() as conn:
            rollout = rollouts.current(conn)
            version = policies.version(conn, rollout.revision) if rollout is not None else None
        return followed(version.document) if version else None

    def world(self) -> World:
        """What the directories know."""
        with self.database.read() as conn:
            return policies.world(conn)

    def alarms(self, tell: Callable[[AlarmPorts], object]) -> None:
        """Do something with the alarms in one transaction. Raises Unavailable."""
        with self.database.write() as conn:
            tell(StoredAlarms(conn, self.keyring, self.random, self.writer))

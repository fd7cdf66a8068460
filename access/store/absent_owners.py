"""The ports of access.people.absent_owners. ◆"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from access.keys.sealing import Keyring
from access.people.absent_owners import Owned
from access.people.naming import Login, resolve_login
from access.policy.compiled import Policy
from access.policy.kept_texts import policy_of
from access.policy.vocabulary import PolicyErrors
from access.records.alarms import Alarm, AlarmKind
from access.store import local_groups, organizations, policies
from access.store.alarms import StoredAlarms
from access.store.database import Database
from access.store.tables import alarms, users


@dataclass(frozen=True, slots=True)
class StoredOwners:
    """What there is in the tables. writer names this process in the audit."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str

    def policy(self) -> Policy | None:
        """The policy in force; None before the first, and where this version cannot read it."""
        with self.database.read() as conn:
            current = policies.current(conn)
        try:
            return policy_of(current.document) if current is not None else None
        except PolicyErrors:
            return None

    def owned_groups(self) -> Sequence[Owned]:
        """Every local group."""
        with self.database.read() as conn:
            found = local_groups.all_groups(conn)
        return [Owned(f"group {each.name}", (each.owner,), each.name.partition("/")[0]) for each in found]

    def absent(self, names: Iterable[str], now: float) -> frozenset[str]:
        """Those of some names who are nobody of ours that may log in."""
        with self.database.read() as conn:
            known = organizations.all_organizations(conn)
            return frozenset(name for name in names if not _is_here(conn, resolve_login(known, name), now))

    def say(self, ownerless: Mapping[str, Owned], now: float) -> None:
        """Have an alarm about each, and about nothing else; one that is open already is left alone."""
        of_kind = (alarms.c.kind == AlarmKind.OWNER_GONE.value, alarms.c.cleared_at.is_(None))
        with self.database.read() as conn:
            ids = {each.key: each.id for each in organizations.all_organizations(conn)}
            known = set(conn.execute(select(alarms.c.subject).where(*of_kind)).scalars())
        if known == ownerless.keys():
            return
        with self.database.write() as conn:
            stored = StoredAlarms(conn, self.keyring, self.random, self.writer)
            for what, each in ownerless.items():
                if what not in known:
                    note = ", ".join(each.owners)
                    organization_id = ids.get(each.organization)
                    stored.raise_alarm(Alarm(AlarmKind.OWNER_GONE, what, note, organization_id), now)
            for what in known - ownerless.keys():
                stored.clear_alarm(AlarmKind.OWNER_GONE, what, now)


def _is_here(conn: Connection, meant: Login | None, now: float) -> bool:
    if meant is None:
        return False
    named = users.c.organization_id == meant.organization.id, users.c.name == meant.name
    lasts = or_(users.c.expires_at.is_(None), users.c.expires_at > now)
    here = select(users.c.id).where(*named, users.c.enabled, users.c.vanished_at.is_(None), lasts)
    return conn.execute(here.limit(1)).first() is not None

"""The ports of access.people.absent_owners and access.people.reused_names. ◆"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from access.keys.sealing import Keyring
from access.people.absent_owners import Owned
from access.policy.compiled import Policy
from access.policy.kept_texts import policy_of
from access.policy.named_people import NamedPerson
from access.policy.vocabulary import Document, PolicyErrors
from access.records.alarms import Alarm, AlarmKind
from access.store import local_groups, named_owners, organizations, policies
from access.store.alarms import StoredAlarms
from access.store.database import Database
from access.store.namesakes import namesakes
from access.store.tables import alarms, users
from access.store.tables import local_groups as group_rows


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
            rows = conn.execute(select(group_rows.c.group_id, group_rows.c.owner_id))
            ids = {row.group_id: row.owner_id for row in rows}
        return [
            Owned(f"group {each.name}", (each.owner,), each.name.partition("/")[0], (ids[each.id],))
            for each in found
        ]

    def meant(self, named: Sequence[Owned], now: float) -> Mapping[tuple[str, str], int]:
        """Whom each name of an owner meant when it was first seen at something, by what and name."""
        wanted = frozenset((each.what, name) for each in named for name in each.owners)
        with self.database.read() as conn:
            known, is_news = named_owners.known(conn), named_owners.is_news(conn, wanted, now)
        if is_news:
            # Only a publication forgets: the policy may have been another one when it was read.
            with self.database.write() as conn:
                named_owners.add(conn, wanted, now)
                known = named_owners.known(conn)
        return {each: user_id for each, user_id in known.items() if each in wanted}

    def here(self, ids: Iterable[int], now: float) -> frozenset[int]:
        """Those of some people who may log in."""
        some = select(users.c.id).where(users.c.id.in_(sorted(ids)), *named_owners.may_log_in(now))
        with self.database.read() as conn:
            return frozenset(conn.execute(some).scalars())

    def absent(self, names: Iterable[str], now: float) -> frozenset[str]:
        """Those of some names who are nobody of ours that may log in."""
        with self.database.read() as conn:
            wanted = frozenset(names)
            return wanted.difference(named_owners.here(conn, wanted, now))

    def reused(self, document: Document, now: float) -> Sequence[NamedPerson]:
        """Names of a document whose bearer has lost them since the publication, and that somebody has now."""
        with self.database.read() as conn:
            return namesakes(conn, document, now)

    def have_alarms(
        self, kind: AlarmKind, notes: Mapping[str, str], whose: Mapping[str, str], now: float
    ) -> None:
        """Have an alarm about each, and about nothing else; one that is open already is left alone.

        What has become another company's is told to that one.
        """
        of_kind = (alarms.c.kind == kind.value, alarms.c.cleared_at.is_(None))
        with self.database.read() as conn:
            ids = {each.key: each.id for each in organizations.all_organizations(conn)}
            rows = conn.execute(select(alarms.c.subject, alarms.c.organization_id).where(*of_kind))
            known = {row.subject: row.organization_id for row in rows}
        wanted = {what: ids.get(whose[what]) for what in notes}
        if known == wanted:
            return
        with self.database.write() as conn:
            stored = StoredAlarms(conn, self.keyring, self.random, self.writer)
            for what in [what for what, whom in known.items() if (what, whom) not in wanted.items()]:
                stored.clear_alarm(kind, what, now)
            for what in [what for what, whom in wanted.items() if (what, whom) not in known.items()]:
                stored.raise_alarm(Alarm(kind, what, notes[what], wanted[what]), now)

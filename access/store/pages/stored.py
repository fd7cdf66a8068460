"""All that the pages read, over the database: one read transaction for each question. ◆"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from access.keys.sealing import Keyring
from access.logins.network_session import Wish
from access.model import Organization, User
from access.nas.registry import IPAddress
from access.post.letters import Notice
from access.post.notice_words import NoticeKind
from access.records.alarms import AlarmLine
from access.records.audit import AuditEntry
from access.records.looking import Look, Looks
from access.shown import Asked, DeviceLine, Found, HolderLine, NasLine, PersonLine, Record, SessionLine
from access.store import address_leases, alarms, audit, audit_chain, notices, organizations, wishes
from access.store.alarms import StoredAlarms
from access.store.audit import Selection
from access.store.database import Database
from access.store.pages import network, people, records, sessions
from access.store.people import user_by_name


@dataclass(frozen=True)
class StoredPages:
    """What access.console asks of the world to show its pages. writer names this process in the audit.

    heads_dir is where the heads of the audit are.
    """

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    clock: Callable[[], float]
    writer: str
    heads_dir: Path
    _looks: Looks = field(default_factory=Looks)

    def organizations(self) -> Sequence[Organization]:
        """Every company, by key."""
        with self.database.read() as conn:
            return organizations.all_organizations(conn)

    def sessions(self, asked: Asked, state: str = "") -> Sequence[SessionLine]:
        """Sessions of an organization: open ones, or those in one state."""
        with self.database.read() as conn:
            return sessions.listed(conn, asked, state)

    def sessions_of(self, user_id: int) -> Sequence[SessionLine]:
        """The newest sessions of a person."""
        with self.database.read() as conn:
            return sessions.of_user(conn, user_id)

    def people(self, asked: Asked) -> Sequence[PersonLine]:
        """People of an organization whose name begins with what was typed."""
        with self.database.read() as conn:
            return people.found(conn, asked)

    def person(self, organization_id: int, user_id: int) -> User | None:
        """A person of an organization."""
        with self.database.read() as conn:
            return people.person(conn, organization_id, user_id)

    def person_named(self, organization_id: int, name: str) -> User | None:
        """Who has this name in an organization, spelt by access.people.naming."""
        with self.database.read() as conn:
            return user_by_name(conn, organization_id, name)

    def records_of(self, user_id: int, limit: int) -> Sequence[Record]:
        """The newest records about a person."""
        with self.database.read() as conn:
            return records.of_user(conn, user_id, limit, self.keyring)

    def wrong_code(self, user_id: int, since: float) -> Notice | None:
        """The newest login of a person with the right password and a wrong code that they have not seen."""
        with self.database.read() as conn:
            return notices.unseen(conn, user_id, NoticeKind.CODE_WRONG, since)

    def saw_wrong_codes(self, user_id: int) -> None:
        """Write down that a person has seen them."""
        with self.database.write() as conn:
            notices.see(conn, user_id, NoticeKind.CODE_WRONG, self.clock())

    def records(self, asked: Asked) -> Found:
        """The newest records of an organization that fit."""
        with self.database.read() as conn:
            return records.found(conn, asked, self.keyring)

    def note_look(self, look: Look, now: float) -> None:
        """Record whom somebody looked at, once for each page and a while."""
        if self._looks.is_new(look, now):
            with self.database.write() as conn:
                audit.record(conn, self.writer, look.entry(now), self.keyring, self.random)

    def case(self, organization_id: int, code: str) -> Record | None:
        """A case of an organization."""
        with self.database.read() as conn:
            return records.case(conn, Selection(organization_id=organization_id), code, self.keyring)

    def case_of(self, user_id: int, code: str) -> Record | None:
        """A case of a person."""
        with self.database.read() as conn:
            return records.case(conn, Selection(user_id=user_id), code, self.keyring)

    def devices(self, organization_id: int) -> Sequence[DeviceLine]:
        """The devices of an organization."""
        with self.database.read() as conn:
            return network.devices_of(conn, organization_id)

    def nas(self, organization_id: int) -> Sequence[NasLine]:
        """The NAS of an organization."""
        with self.database.read() as conn:
            return network.nas_of(conn, organization_id)

    def alarms(self, organization_id: int, installation_too: bool, cleared: int) -> Sequence[AlarmLine]:
        """The open alarms of an organization, and those cleared last."""
        with self.database.read() as conn:
            return alarms.listed(conn, organization_id, installation_too, cleared)

    def clear_alarm(self, alarm_id: int, organization_id: int, installation_too: bool, by: str) -> bool:
        """Clear an alarm that somebody has dealt with; whether there was one."""
        with self.database.write() as conn:
            stored = StoredAlarms(conn, self.keyring, self.random, self.writer)
            known = alarms.listed(conn, organization_id, installation_too)
            if alarm_id not in {each.id for each in known}:
                return False
            return stored.clear_by_id(alarm_id, self.clock(), by) is not None

    def verify_audit(self) -> Sequence[str]:
        """What is not as it was written, one line each."""
        found = audit_chain.verify(self.database, self.keyring, self.heads_dir)
        return [f"{finding.place}: {finding.fault}: {finding.seen}" for finding in found.findings]

    def ask_of_session(self, organization_id: int, session_id: int, wish: Wish, by: str) -> bool:
        """Ask the NAS of an organization's session for something; whether there was anything to ask for."""
        with self.database.write() as conn:
            known = sessions.in_organization(conn, session_id, organization_id)
            asked = wishes.ask(conn, known, wish, self.clock(), by=by) if known else None
            if asked is None:
                return False
            audit.record(conn, self.writer, asked, self.keyring, self.random)
            return True

    def holders(self, organization_id: int, address: IPAddress, at: float) -> Sequence[HolderLine]:
        """Who of an organization had an address at a moment."""
        with self.database.read() as conn:
            return address_leases.holders(conn, address, at, organization_id)

    def end_session(self, session_id: int, user_id: int, by: str) -> bool:
        """Ask for the end of a person's session; whether there was one to end."""
        now = self.clock()
        with self.database.write() as conn:
            organization_id = sessions.want_ended(conn, session_id, user_id, now)
            if organization_id is None:
                return False
            detail = {"what": "session.end-wanted", "by": by}
            entry = AuditEntry("session", now, "", organization_id, user_id, session_id, None, detail)
            audit.record(conn, self.writer, entry, self.keyring, self.random)
            return True

"""All the ports of signing in and enrolling, over the database: one transaction each, its event in it. ◆"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_address
from itertools import chain

from sqlalchemy import Connection

from access.directory.verdict import PasswordOutcome
from access.model import Organization, Role, User
from access.people.naming import resolve_login
from access.people.person_link import Membership
from access.post.letters import of_event
from access.post.notices import NO_NOTICES, Notices
from access.proof.authentication import Claim, Throttle
from access.proof.enrolment import Activation
from access.proof.factors import FactorSummary, NewToken, Purpose, StoredToken
from access.proof.identity_event import IdentityEvent
from access.proof.network_password import PasswordSummary
from access.proof.network_passwords import Allowance
from access.proof.password_memory import PasswordMemory
from access.proof.web_session import WebSession
from access.records.alarms import Alarm
from access.records.audit import AuditEntry
from access.store import (
    audit,
    codes,
    network_passwords,
    notices,
    organizations,
    passkeys,
    people,
    person_links,
    tokens,
    web_sessions,
)
from access.store.alarms import StoredAlarms
from access.store.spending import StoredCodes
from otp.recovery import RecoveryCodes
from otp.registration import Invitation
from otp.token import State

LONGEST_CLAIM = 200

CheckDirectory = Callable[[str | None, User | None, str], PasswordOutcome]


@dataclass(frozen=True)
class StoredIdentity(StoredCodes):
    """What access.proof.signin and access.proof.enrolment ask of the world.

    check_directory binds as a user; given None it does as much work and fails. writer names this process in
    the audit. role_groups are "organization/group" names; allowances stand under the keys of organizations;
    phishing_resistant: the roles that open with a passkey alone. right_passwords: what stands in for a
    directory that is away.
    """

    writer: str
    throttle: Throttle
    check_directory: CheckDirectory
    role_groups: Mapping[Role, frozenset[str]]
    allowances: Mapping[str, Allowance] = field(default_factory=dict)
    notices: Notices = NO_NOTICES
    enrolment_networks: Mapping[str, Sequence[IPv4Network | IPv6Network]] = field(default_factory=dict)
    phishing_resistant: frozenset[Role] = frozenset()
    right_passwords: PasswordMemory | None = None

    def claim(self, login: str, source: str) -> Claim:
        """Return whom a login name means; somebody unknown keeps the name as it was typed."""
        known = organizations.of_rows(self.database.rows(organizations.ALL, {}))
        meant = resolve_login(known, login)
        if meant is None:
            return Claim(login.lower()[:LONGEST_CLAIM], None, None, source)
        key = meant.organization.key
        named = {"organization_id": meant.organization.id, "name": meant.name}
        rows = self.database.rows(people.by_name(self.database.is_sqlite), named)
        return Claim(f"{meant.name}@{key}", people.user_of(rows[0]) if rows else None, key, source)

    def person(self, user_id: int) -> User | None:
        """Return the user as the directory last told us, with today's groups."""
        with self.database.read() as conn:
            return people.user_by_id(conn, user_id)

    def same_person(self, user_id: int) -> tuple[User, ...]:
        """Return the user, and those they are linked to."""
        with self.database.read() as conn:
            found = (people.user_by_id(conn, owner) for owner in person_links.sharing(conn, user_id))
            return tuple(each for each in found if each is not None)

    def organization_of(self, user: User) -> Organization:
        """Return the company of a user."""
        with self.database.read() as conn:
            known = organizations.all_organizations(conn)
        return next(each for each in known if each.key == user.organization)

    def factors(self, user_id: int) -> FactorSummary:
        """Return what may be shown of all that a user has."""
        with self.database.read() as conn:
            return factors_of(conn, user_id)

    def memberships(self, user_id: int) -> tuple[Membership, ...]:
        """Return a membership, and those that are linked to it."""
        with self.database.read() as conn:
            return tuple(person_links.membership(conn, each) for each in person_links.sharing(conn, user_id))

    def web_session(self, session_id: str) -> WebSession | None:
        """Return a session, alive or not."""
        with self.database.read() as conn:
            return web_sessions.by_id(conn, session_id)

    def open_session(self, session: WebSession, event: IdentityEvent) -> None:
        """Keep a new session."""
        with self.database.write() as conn:
            web_sessions.add(conn, session)
            self._record(conn, event)

    def renew_session(self, old_id: str, new: WebSession, event: IdentityEvent) -> bool:
        """Put a session under its new id; return False, nothing written, if the old one is gone."""
        with self.all_or_nothing() as attempt:
            attempt.needs(web_sessions.replace(attempt.conn, old_id, new))
            self._record(attempt.conn, event)
        return attempt.won

    def raise_alarm(self, alarm: Alarm, user: User, at: float) -> None:
        """Raise an alarm of the company of user."""
        with self.database.write() as conn:
            raised = StoredAlarms(conn, self.keyring, self.random, self.writer)
            raised.raise_alarm(replace(alarm, organization_id=codes.organization_id_of(conn, user.id)), at)

    def touch_session(self, session_id: str, now: float) -> None:
        """Write down that a session was used."""
        with self.database.write() as conn:
            web_sessions.touch(conn, session_id, now)

    def close_session(self, session_id: str, event: IdentityEvent | None) -> None:
        """End a session."""
        with self.database.write() as conn:
            if web_sessions.remove(conn, session_id) and event is not None:
                self._record(conn, event)

    def record(self, event: IdentityEvent) -> None:
        """Write an event down that changed nothing, together with those of other threads."""
        self._together.do(_write_nothing, event, row=0)

    def pending_token(self, user_id: int, since: float) -> StoredToken | None:
        """Return the token that waits for its first code, if it was begun after since."""
        with self.database.read() as conn:
            return self._pending(conn, user_id, since)

    def pending_or_new(self, user_id: int, new: NewToken, since: float, event: IdentityEvent) -> StoredToken:
        """Return the pending token begun after since, else a new one; older ones are revoked."""
        with self.database.write() as conn:
            organization_id = codes.lock_user(conn, user_id)
            if (pending := self._pending(conn, user_id, since)) is not None:
                return pending
            tokens.revoke_pending(conn, event.at, since, user_id)
            tokens.add(conn, self.keyring, new, organization_id, self.random)
            self._record(conn, event)
            return tokens.tokens_of(conn, self.keyring, user_id, State.PENDING)[-1]

    def activate(self, activation: Activation) -> bool:
        """Write all that a right first code changes, or nothing."""
        read, session = activation.settled.read, activation.session
        at, user_id = activation.event.at, session.user_id
        with self.all_or_nothing() as attempt:
            conn = attempt.conn
            organization_id = codes.lock_user(conn, user_id)
            if activation.handed_out is None:
                attempt.needs(tokens.compare_and_set(conn, activation.settled, at))
            else:
                settled, origin = activation.settled, activation.handed_out
                handed = tokens.HandedOut(settled, user_id, organization_id, origin)
                attempt.needs(tokens.hand_out(conn, self.keyring, self.random, handed, at))
            attempt.needs(web_sessions.replace(conn, activation.old_session, session))
            if activation.replaces:
                for owner in person_links.sharing(conn, user_id):
                    tokens.revoke(conn, owner, at, but=read.id)
                    tokens.lost_for_good(conn, owner)
                    web_sessions.remove_of_user(conn, owner, but=session.id)
            renew_recovery(conn, user_id, activation.recovery, self.keyring.current, at)
            self._record(conn, activation.event)
        return attempt.won

    def replace_invitation(self, user_id: int, invitation: Invitation, event: IdentityEvent) -> None:
        """Make this the user's registration code."""
        with self.database.write() as conn:
            codes.replace_invitation(conn, user_id, invitation, (self.keyring.current, ""), event.at)
            self._record(conn, event)

    def replace_recovery(self, user_id: int, held: RecoveryCodes, event: IdentityEvent) -> None:
        """Make these the user's recovery codes."""
        with self.database.write() as conn:
            renew_recovery(conn, user_id, held, self.keyring.current, event.at)
            self._record(conn, event)

    def revoke_tokens(self, user_id: int, token_id: int | None, event: IdentityEvent) -> int:
        """Revoke one token; with None all, and every written code and web session of the user as well."""
        with self.database.write() as conn:
            owners = _locked(conn, user_id)
            revoked = sum(tokens.revoke(conn, owner, event.at, only=token_id) for owner in owners)
            if token_id is None:
                for owner in owners:
                    tokens.lost_for_good(conn, owner)
                    passkeys.revoke(conn, owner, None, event.at)
                    codes.remove(conn, owner, event.at)
                    web_sessions.remove_of_user(conn, owner)
            if revoked or token_id is None:
                self._record(conn, event)
            return revoked

    def report_lost(self, user_id: int, session_id: str, event: IdentityEvent) -> int:
        """Stop all phones of a user and end their sessions but this one; return how many phones."""
        with self.database.write() as conn:
            owners = _locked(conn, user_id)
            lost = sum(tokens.report_lost(conn, owner, event.at) for owner in owners)
            if lost:
                for owner in owners:
                    web_sessions.remove_of_user(conn, owner, but=session_id)
                self._record(conn, event)
            return lost

    def give_back(self, user_id: int, token_id: int, since: float, event: IdentityEvent) -> int:
        """Make a phone count again that was reported lost after since; return how many that were."""
        with self.database.write() as conn:
            owners = _locked(conn, user_id)
            given = {owner: tokens.give_back(conn, owner, token_id, since, event.at) for owner in owners}
            if any(given.values()):
                self._record_beyond(conn, event, owners)
            return sum(given.values())

    def may_enrol_at(self, user: User, address: str) -> bool:
        """Return whether the user's company trusts a place for first enrolments."""
        networks = self.enrolment_networks.get(user.organization, ())
        try:
            here = ip_address(address)
        except ValueError:
            return False
        return any(here in network for network in networks)

    def allowance(self, user: User) -> Allowance:
        """Return what the user's company lets its people have."""
        return self.allowances.get(user.organization, Allowance())

    def network_passwords(self, user_id: int) -> tuple[PasswordSummary, ...]:
        """Return what may be shown of the user's network passwords, newest first."""
        with self.database.read() as conn:
            return network_passwords.summaries_of(conn, user_id)

    def add_network_password(
        self, user_id: int, new: PasswordSummary, most: int, event: IdentityEvent
    ) -> str | None:
        """Make a network password and return it; None, nothing written, where as many stand already."""
        with self.database.write() as conn:
            organization_id = codes.lock_user(conn, user_id)
            held = network_passwords.summaries_of(conn, user_id)
            if sum(each.stands(event.at) for each in held) >= most:
                return None
            owner = (user_id, organization_id)
            password = network_passwords.add(conn, self.keyring, self.random, new, owner)
            self._record(conn, event)
            return password

    def revoke_network_passwords(self, user_id: int, password_id: int | None, event: IdentityEvent) -> int:
        """Revoke one network password, with None all; return how many stood."""
        with self.database.write() as conn:
            revoked = network_passwords.revoke(conn, user_id, password_id, event.at)
            if revoked:
                self._record(conn, event)
            return revoked

    def forgive(self, user_id: int, event: IdentityEvent) -> int:
        """Set every count of wrong codes of a user back."""
        with self.database.write() as conn:
            owners = _locked(conn, user_id)
            forgiven = sum(
                tokens.forgive(conn, owner, event.at) + codes.forgive(conn, owner, event.at)
                for owner in owners
            )
            self._record_beyond(conn, event, owners)
            return forgiven

    def _pending(self, conn: Connection, user_id: int, since: float) -> StoredToken | None:
        found = tokens.tokens_of(conn, self.keyring, user_id, State.PENDING)
        return next((token for token in reversed(found) if token.created_at > since), None)

    def _record_beyond(self, conn: Connection, event: IdentityEvent, owners: Sequence[int]) -> None:
        """Write down what counts for linked accounts too: each company reads of its own people alone."""
        by = {"by": event.organization or "another company"}
        others = [replace(event, user_id=each, detail=by) for each in owners if each != event.user_id]
        self._record_all(conn, [event, *others])

    def _record(self, conn: Connection, event: IdentityEvent) -> None:
        self._record_all(conn, [event])

    def _record_all(self, conn: Connection, events: Sequence[IdentityEvent], /) -> None:
        places = _organization_ids(conn, events)
        for event, organization_id in zip(events, places, strict=True):
            if (notice := of_event(event, organization_id)) is not None:
                notices.put(conn, notice)
        entries = [_entry(event, place) for event, place in zip(events, places, strict=True)]
        audit.record_all(conn, self.writer, entries, self.keyring, self.random)


def _write_nothing(_conn: Connection) -> bool:
    """Leave it at the event."""
    return True


def factors_of(conn: Connection, user_id: int) -> FactorSummary:
    """Return what may be shown of all that a user has; nothing secret is opened."""
    owners = person_links.sharing(conn, user_id)
    recovery = codes.newest_recovery(conn, owners)
    invited = codes.invitation_of(conn, user_id)
    bypass = next((each for each in codes.issued_of(conn, user_id) if each.purpose is Purpose.BYPASS), None)
    open_invitation = invited is not None and not invited.invitation.spent
    return FactorSummary(
        tokens=tuple(chain.from_iterable(tokens.summaries_of(conn, owner) for owner in owners)),
        shared=len(owners) > 1,
        had=_had(conn, user_id),
        recovery_left=recovery.codes.left if recovery else 0,
        recovery_failures=recovery.codes.throttle.failures if recovery else 0,
        invited_until=invited.invitation.expires_at if invited and open_invitation else None,
        bypass=bypass.issued if bypass else None,
        bypass_by=codes.issued_by(conn, bypass.id) if bypass else "",
        passkeys=tuple(chain.from_iterable(passkeys.summaries_of(conn, owner) for owner in owners)),
    )


def _had(conn: Connection, user_id: int) -> bool:
    """Return whether there was ever a passkey or a recovery code of a user, or a phone they shared once."""
    once = person_links.once_sharing(conn, user_id)
    elsewhere = any(tokens.ever_proven(conn, owner) for owner in once if owner != user_id)
    return elsewhere or any(passkeys.ever(conn, owner) or codes.ever_recovery(conn, owner) for owner in once)


def renew_recovery(conn: Connection, user_id: int, made: RecoveryCodes, key_id: str, at: float) -> None:
    """Make these the recovery codes of a person; those of linked memberships never count again."""
    codes.replace_recovery(conn, user_id, made, key_id, at)
    for owner in person_links.sharing(conn, user_id):
        if owner != user_id:
            codes.remove_recovery(conn, owner, at)


def _locked(conn: Connection, user_id: int) -> tuple[int, ...]:
    """Make others wait who change the factors of this person; return whose factors theirs are."""
    owners = person_links.sharing(conn, user_id)
    for owner in sorted(owners):
        codes.lock_user(conn, owner)
    return owners


def _entry(event: IdentityEvent, organization_id: int | None) -> AuditEntry:
    return AuditEntry(
        kind=event.what.kind,
        reason=event.reason or "",
        organization_id=organization_id,
        user_id=event.user_id,
        case_code=event.case_code,
        detail={"what": event.what.value, **event.detail},
        at=event.at,
    )


def _organization_ids(conn: Connection, events: Sequence[IdentityEvent]) -> list[int | None]:
    """Return whose chain each event belongs to: the person's organization, else the one it names."""
    people_of = codes.organization_ids_of(conn, {each.user_id for each in events if each.user_id is not None})
    keys: dict[str, int] = {}
    if any(each.user_id is None and each.organization for each in events):
        keys = {found.key: found.id for found in organizations.all_organizations(conn)}
    return [
        people_of[each.user_id] if each.user_id is not None else keys.get(each.organization or "")
        for each in events
    ]

"""Everything of signing in and enrolling over a real database, with a directory of one password."""

from dataclasses import dataclass, field

from sqlalchemy import delete, insert, select, update

from access.directory.verdict import PasswordOutcome
from access.model import Role, User
from access.proof.authentication import Refusal
from access.proof.enrolment import Begun, Invited, Proof, Proven, begin, invite, prove
from access.proof.signin import Attempt, Opened, Visitor, current, give_code, give_registration, start
from access.proof.throttle import PasswordThrottle
from access.store.database import Database
from access.store.passkey_desk import StoredPasskeyDesk
from access.store.tables import audit, groups, memberships, users
from otp.token import Token
from otp.totp import code_at, step_at
from tests.access.residents import KEYRING, NOW, Dice, settle_in

PASSWORD = "right horse"
ADDRESS = "10.1.2.3"
ADMINS = "hangang/it-admins"
ROLE_GROUPS = {Role.ADMIN: frozenset({ADMINS}), Role.HELPDESK: frozenset({"hangang/helpdesk"})}


@dataclass
class OneDirectory:
    """Everybody's password is the same; what it was asked is kept."""

    up: bool = True
    says: PasswordOutcome = PasswordOutcome.RIGHT
    asked: list[User | None] = field(default_factory=list)

    def check(self, _organization: str | None, user: User | None, password: str) -> PasswordOutcome:
        self.asked.append(user)
        if not self.up:
            return PasswordOutcome.UNAVAILABLE
        if self.says is PasswordOutcome.LOCKED:
            return self.says
        return self.says if user and password == PASSWORD else PasswordOutcome.WRONG


@dataclass
class Office:
    """One company with one person, and the pages' view of signing in."""

    database: Database
    directory: OneDirectory = field(default_factory=OneDirectory)
    name: str = "minjun.kim"

    def __post_init__(self) -> None:
        self.user_id = settle_in(self.database, self.name)
        self.ports = StoredPasskeyDesk(
            self.database, KEYRING, Dice(), "web", PasswordThrottle(), self.directory.check, ROLE_GROUPS
        )

    @property
    def login(self) -> str:
        return f"{self.name}@hangang"

    @property
    def user(self) -> User:
        user = self.ports.person(self.user_id)
        assert user is not None
        return user

    def sign_in(self, password: str = PASSWORD, login: str = "", now: float = NOW) -> Opened | Refusal:
        return start(self.ports, Attempt(login or self.login, password, ADDRESS), now)

    def visitor(self, opened: Opened | Refusal | Visitor, now: float = NOW) -> Visitor:
        """Who the cookie stands for, as the next request finds out."""
        assert isinstance(opened, Opened), opened
        visitor = current(self.ports, opened.cookie, now)
        assert visitor is not None
        return visitor

    def with_password(self, now: float = NOW) -> Visitor:
        return self.visitor(self.sign_in(now=now), now)

    def invited(self, now: float = NOW) -> str:
        invitation = invite(self.ports, self.user, "helpdesk", now)
        assert isinstance(invitation, Invited)
        return invitation.code

    def enrolling(self, now: float = NOW) -> Visitor:
        """Signed in with the password and a registration code."""
        code = self.invited(now)
        return self.visitor(give_registration(self.ports, self.with_password(now), code, now), now)

    def begun(self, visitor: Visitor, now: float = NOW) -> Begun:
        answer = begin(self.ports, visitor, "새 휴대폰", now)
        assert isinstance(answer, Begun), answer
        return answer

    def enrolled(self, now: float = NOW) -> tuple["Phone", Proven]:
        """The first phone, whose first code is spent, and what its owner was shown."""
        visitor = self.enrolling(now)
        phone = Phone.scanning(self, visitor, now)
        proven = prove(self.ports, visitor, Proof(phone.shows(now)), now)
        assert isinstance(proven, Proven), proven
        return phone, proven

    def signed_in(self, phone: "Phone", now: float) -> Visitor:
        """Signed in with the password and a code of a phone."""
        return self.visitor(give_code(self.ports, self.with_password(now), phone.shows(now), now), now)

    def join(self, group: str) -> None:
        with self.database.write() as conn:
            row = {"organization_id": 1, "entry_uuid": group, "name": group, "dn": f"cn={group}"}
            group_id = conn.execute(insert(groups).values(**row).returning(groups.c.id)).scalar_one()
            conn.execute(insert(memberships).values(user_id=self.user_id, group_id=group_id))

    def leave_all_groups(self) -> None:
        with self.database.write() as conn:
            conn.execute(delete(memberships).where(memberships.c.user_id == self.user_id))

    def disable(self) -> None:
        with self.database.write() as conn:
            conn.execute(update(users).where(users.c.id == self.user_id).values(enabled=False))

    def audited(self) -> list[tuple[str, str]]:
        """(kind, reason) of everything written down, in order."""
        with self.database.read() as conn:
            rows = conn.execute(select(audit.c.kind, audit.c.reason).order_by(audit.c.id))
            return [(row.kind, row.reason) for row in rows]


@dataclass(frozen=True)
class Phone:
    """An authenticator app with one secret, taken from the key a page shows."""

    secret: bytes

    @classmethod
    def scanning(cls, office: Office, visitor: Visitor, now: float = NOW) -> "Phone":
        office.begun(visitor, now)
        pending = office.ports.pending_token(office.user_id, now - 1)
        assert pending is not None
        return cls(pending.token.secret)

    def shows(self, now: float) -> str:
        return code_at(Token(self.secret), step_at(now, 30))

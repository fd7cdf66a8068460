"""People in the tables, their phones, and what those phones show."""

from sqlalchemy import Connection, insert, select, update

from access.keys.sealing import Keyring
from access.logins.network_session import NetworkSession
from access.proof.factors import NewToken
from access.store import tokens
from access.store.database import Database
from access.store.session_batch import SessionBatch
from access.store.spending import StoredCodes
from access.store.tables import feed, organizations, users
from otp.token import State, Token
from otp.totp import code_at, step_at

NOW = 1_800_000_000.0
KEYRING = Keyring({"first": bytes(range(32)), "second": bytes(range(32, 64))}, current="first")
SECRET = b"twenty octets of key"


class Dice:
    """Random octets that are the same in every run and never twice the same."""

    def __init__(self, seed: int = 1) -> None:
        self.rolled = seed * 1_000_003

    def __call__(self, octets: int) -> bytes:
        self.rolled += 1
        return self.rolled.to_bytes(8) * (octets // 8) + self.rolled.to_bytes(8)[: octets % 8]


DICE = Dice()


def stored_codes(database: Database, keyring: Keyring = KEYRING) -> StoredCodes:
    return StoredCodes(database, keyring, Dice())


def settle_in(database: Database, name: str = "minjun.kim", company: str = "hangang") -> int:
    """A person of a company, which is made if it is new; their id."""
    with database.write() as conn:
        found = select(organizations.c.id).where(organizations.c.key == company)
        organization_id = conn.execute(found).scalar()
        if organization_id is None:
            row = {"key": company, "name": company.title(), "realm": f"{company}.example"}
            added = conn.execute(insert(organizations).values(**row).returning(organizations.c.id))
            organization_id = added.scalar_one()
        row = {
            "organization_id": organization_id,
            "entry_uuid": f"{company}-{name}"[:36],
            "name": name,
            "dn": f"uid={name},dc={company},dc=example",
        }
        return conn.execute(insert(users).values(**row).returning(users.c.id)).scalar_one()


def leave_to_a_namesake(database: Database, name: str, company: str = "hangang") -> int:
    """Somebody leaves, and somebody else gets the name, as a new entry of the directory; their id."""
    with database.write() as conn:
        gone = update(users).where(users.c.name == name)
        conn.execute(gone.values(enabled=False, vanished_at=NOW, name=f"{name}.old", entry_uuid=name))
    return settle_in(database, name, company)


def give_phone(database: Database, user_id: int, secret: bytes = SECRET, state: State = State.ACTIVE) -> int:
    """A phone of this person; the id of its token."""
    new = NewToken(user_id, Token(secret, state=state), created_at=NOW)
    with database.write() as conn:
        organization_id = conn.execute(
            select(users.c.organization_id).where(users.c.id == user_id)
        ).scalar_one()
        return tokens.add(conn, KEYRING, new, organization_id, DICE)


def shown(secret: bytes = SECRET, now: float = NOW) -> str:
    """What the phone shows at a moment."""
    return code_at(Token(secret), step_at(now, 30))


def wrong(secret: bytes = SECRET, now: float = NOW) -> str:
    """A code the phone shows at none of the moments that count."""
    near = {shown(secret, now + shift) for shift in range(-60, 90, 30)}
    return next(code for code in (6 * digit for digit in "012345") if code not in near)


def save(conn: Connection, session: NetworkSession, at: float) -> int:
    """Keep a session as the loader does; its id."""
    batch = SessionBatch(conn, KEYRING, DICE, "test")
    batch.of_class(session.class_)
    session_id = batch.save(session, at)
    batch.write()
    return session_id


def changes(database: Database) -> list[tuple[str, str]]:
    """(topic, key) of all that the feed has seen."""
    with database.read() as conn:
        return [tuple(row) for row in conn.execute(select(feed.c.topic, feed.c.key).order_by(feed.c.seq))]

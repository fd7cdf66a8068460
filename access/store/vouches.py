"""What colleagues have vouched for; a conditional statement decides that a word counts once. ◆"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, func, insert, select, update

from access.model import User
from access.proof.identity_event import IdentityEvent
from access.proof.vouching import VouchRules
from access.store import codes, feed, people
from access.store.feed import Topic
from access.store.passes import StoredHelp
from access.store.tables import vouches


@dataclass(frozen=True)
class StoredVouching(StoredHelp):
    """The port of access.proof.vouching, beside all that pages ask. rules: under the keys of companies."""

    vouching: Mapping[str, VouchRules] = field(default_factory=dict)

    def vouch_rules(self, user: User) -> VouchRules:
        """Return what the user's company lets colleagues do for each other."""
        return self.vouching.get(user.organization, VouchRules())

    def fellow(self, user: User, name: str) -> User | None:
        """Return somebody else of the user's company by name."""
        with self.database.read() as conn:
            alone = name.partition("@")[0].lower()
            found = people.user_by_name(conn, codes.organization_id_of(conn, user.id), alone)
        return found if found is not None and found.id != user.id else None

    def add_vouch(self, voucher: User, user: User, since: float, events: tuple[IdentityEvent, ...]) -> bool:
        """Keep a word; return False, nothing written, where the voucher has given one since."""
        lately = select(vouches.c.id).where(vouches.c.voucher_id == voucher.id, vouches.c.at > since)
        with self.database.write() as conn:
            # Two browsers of one voucher wait for each other here.
            organization_id = codes.lock_user(conn, voucher.id)
            if conn.execute(lately.limit(1)).first() is not None:
                return False
            row = {"user_id": user.id, "voucher_id": voucher.id, "at": events[0].at}
            added = insert(vouches).values(organization_id=organization_id, **row).returning(vouches.c.id)
            number = conn.execute(added).scalar_one()
            feed.append(conn, Topic.VOUCH, str(number), organization_id, events[0].at)
            for event in events:
                self._record(conn, event)
        return True

    def vouchers_of(self, user_id: int, since: float) -> int:
        """Return how many have vouched for a user since, and were not spent."""
        with self.database.read() as conn:
            counted = select(func.count(vouches.c.voucher_id.distinct())).where(_good(user_id, since))
            return int(conn.execute(counted).scalar_one())

    def spend_vouches(self, user_id: int, since: float, needed: int, now: float) -> bool:
        """Spend what was vouched for a user since; return False, nothing spent, for fewer than needed."""
        spent = update(vouches).where(_good(user_id, since)).values(spent_at=now)
        with self.all_or_nothing() as attempt:
            company = codes.lock_user(attempt.conn, user_id)
            rows = attempt.conn.execute(spent.returning(vouches.c.id, vouches.c.voucher_id)).all()
            attempt.needs(len({row.voucher_id for row in rows}) >= needed)
            feed.append_many(attempt.conn, Topic.VOUCH, [str(row.id) for row in rows], company, now)
        return attempt.won


def _good(user_id: int, since: float) -> ColumnElement[bool]:
    return and_(vouches.c.user_id == user_id, vouches.c.at > since, vouches.c.spent_at.is_(None))

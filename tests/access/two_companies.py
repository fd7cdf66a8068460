"""A person of two companies, with an administrator in each, and one in a third."""

from dataclasses import dataclass, field

from sqlalchemy import insert, select, update

from access.model import Role, User
from access.people.person_link import Link
from access.proof.authentication import Refusal, Spent, spend_code
from access.store import people
from access.store.database import Database
from access.store.link_desk import StoredLinks
from access.store.tables import groups, memberships, organizations, users
from tests.access.residents import KEYRING, NOW, Dice, settle_in, stored_codes

ADMINS = {Role.ADMIN: frozenset({"hangang/it-admins", "namsan/it-admins", "bukhan/it-admins"})}
CAST = (
    ("minjun.kim", "hangang"),
    ("mj.kim", "namsan"),
    ("boss", "hangang"),
    ("chief", "namsan"),
    ("head", "bukhan"),
    ("third", "bukhan"),
)
BOSSES = ("boss", "chief", "head")


@dataclass
class TwoCompanies:
    """minjun.kim of hangang is mj.kim of namsan; boss, chief and head administer one company each."""

    database: Database
    ids: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice = Dice(9)
        self.ids = {name: settle_in(self.database, name, company) for name, company in CAST}
        for name in BOSSES:
            self.join(name, "it-admins")
        self.links = StoredLinks(self.database, KEYRING, self.dice, "web", ADMINS)
        self.codes = stored_codes(self.database)

    def user(self, name: str) -> User:
        with self.database.read() as conn:
            found = people.user_by_id(conn, self.ids[name])
        assert found is not None
        return found

    def join(self, name: str, group: str) -> None:
        with self.database.write() as conn:
            found = select(users.c.organization_id).where(users.c.id == self.ids[name])
            organization_id = conn.execute(found).scalar_one()
            known = select(groups.c.id).where(
                groups.c.organization_id == organization_id, groups.c.name == group
            )
            group_id = conn.execute(known).scalar()
            if group_id is None:
                row = {"organization_id": organization_id, "entry_uuid": group, "name": group, "dn": group}
                group_id = conn.execute(insert(groups).values(**row).returning(groups.c.id)).scalar_one()
            conn.execute(insert(memberships).values(user_id=self.ids[name], group_id=group_id))

    def disable(self, name: str) -> None:
        with self.database.write() as conn:
            conn.execute(update(users).where(users.c.id == self.ids[name]).values(enabled=False))

    def organization_id(self, key: str) -> int:
        with self.database.read() as conn:
            return conn.execute(select(organizations.c.id).where(organizations.c.key == key)).scalar_one()

    def propose(
        self, by: str = "boss", one: str = "minjun.kim", two: str = "mj.kim", now: float = NOW
    ) -> Link:
        return self.links.propose(self.user(by), self.user(one), self.user(two), now)

    def linked(self) -> Link:
        made = self.propose()
        self.links.approve(self.user("chief"), made.id, NOW)
        return made

    def spend(self, name: str, code: str, now: float = NOW) -> Spent | Refusal:
        return spend_code(self.codes, self.user(name), code, now)

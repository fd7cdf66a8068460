"""Desktops over a real database: who gets one, which, for how long, and who loses it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from access.model import Reason, User
from access.policy.compiled import Policy
from access.policy.document import load
from access.policy.kept_texts import policy_of
from access.store import audit, people
from access.store.assignments import every
from access.store.database import Database
from access.store.desktops import StoredDesktops
from access.store.tables import web_sessions
from access.words.reasons import MEANINGS
from tests.access.gatehouse import POLICY, Gatehouse
from tests.access.residents import KEYRING, Dice, changes

HOUR = 3600.0
FRESH = POLICY.replace("who: [group:hangang/vdi]}", "who: [group:hangang/vdi], when: {otp_age: 1h}}")
WITHOUT_DEV_1 = policy_of(POLICY.replace("dev-1: 10.99.0.2, ", ""))


@dataclass
class Office:
    """The desktops of a company, and the clock on the wall."""

    database: Database
    policy: Policy | None = field(default_factory=lambda: policy_of(POLICY))

    def __post_init__(self) -> None:
        self.house = Gatehouse(self.database)
        self.now = self.house.now
        self.house.place(self.house.user_id, ["vdi"])
        self.desktops = StoredDesktops(
            self.database, KEYRING, Dice(), lambda: self.now, "web", lambda: self.policy
        )

    def person(self, name: str = "minjun.kim", *placed: str) -> User:
        if name != "minjun.kim":
            self.house.person(name, *placed)
        with self.database.read() as conn:
            user = people.user_by_name(conn, 1, name)
        assert user is not None
        return user

    def held(self, user: User) -> list[tuple[str, str]]:
        return [(line.pool, line.desktop) for line in self.desktops.held(user)]

    def rows(self) -> dict[str, tuple[int, float]]:
        with self.database.read() as conn:
            return {row.desktop: (row.user_id, row.lease_until) for row in every(conn)}

    def audited(self) -> list[tuple[str, str]]:
        with self.database.read() as conn:
            found = audit.records(conn, audit.Selection(kind="desktop"), KEYRING)
        return [(record.detail["what"], record.detail["desktop"]) for record in reversed(found)]

    def prove_code(self, user: User, at: float, kind: str = "totp", origin: str = "handover") -> None:
        with self.database.write() as conn:
            row = {"user_id": user.id, "state": "signed-in", "created_at": at, "seen_at": at, "code_at": at}
            row |= {"code_kind": kind, "code_origin": origin}
            conn.execute(web_sessions.insert().values(id=str(at), valid_until=at + 8 * HOUR, **row))


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def test_who_is_entitled_gets_a_free_desktop_for_the_lease_of_its_pool(office: Office):
    user = office.person()
    assert office.held(user) == [("desks", "")]

    assert office.desktops.take(user, "desks").desktop == "dev-1"

    (line,) = office.desktops.held(user)
    assert (line.desktop, line.address, line.port) == ("dev-1", "10.99.0.2", 3389)
    assert line.lease_until == office.now + 8 * HOUR
    assert changes(office.database)[-1] == ("assignment", str(user.id))
    assert office.audited() == [("desktop.taken", "dev-1")]


def test_who_is_not_entitled_sees_no_pool_and_is_told_why(office: Office):
    stranger = office.person("seoyeon.lee", "engineering")

    took = office.desktops.take(stranger, "desks")

    assert took.desktop == ""
    assert MEANINGS[Reason.NO_PERMIT].title.ko in took.why
    assert office.held(stranger) == []
    assert office.rows() == {}


@pytest.mark.parametrize("pool", ["nothing", "", "desks/dev-1", "../desks"])
def test_a_pool_that_is_none_is_nobodys(office: Office, pool: str):
    assert office.desktops.take(office.person(), pool).desktop == ""
    assert not office.desktops.give_back(office.person(), pool)


def test_taking_again_keeps_the_desktop_and_lengthens_the_lease(office: Office):
    user = office.person()
    office.desktops.take(user, "desks")
    office.now += HOUR

    assert office.desktops.take(user, "desks").desktop == "dev-1"
    assert office.rows() == {"dev-1": (user.id, office.now + 8 * HOUR)}


def test_when_all_are_taken_the_next_gets_none_and_no_reason(office: Office):
    for name in ("a.one", "b.two"):
        assert office.desktops.take(office.person(name, "vdi"), "desks").desktop

    took = office.desktops.take(office.person(), "desks")

    assert (took.desktop, took.why) == ("", "")


def test_what_is_given_back_is_free_for_others(office: Office):
    user, other = office.person(), office.person("seoyeon.lee", "vdi")
    office.desktops.take(user, "desks")
    office.desktops.take(office.person("third.one", "vdi"), "desks")
    assert office.desktops.take(other, "desks").desktop == ""

    assert office.desktops.give_back(user, "desks")
    assert not office.desktops.give_back(user, "desks")

    assert office.desktops.take(other, "desks").desktop == "dev-1"
    assert office.held(user) == [("desks", "")]


def test_a_lease_that_ran_out_frees_the_desktop(office: Office):
    user, other = office.person(), office.person("seoyeon.lee", "vdi")
    office.desktops.take(user, "desks")
    office.now += 8 * HOUR

    assert office.held(user) == [("desks", "")]
    assert office.desktops.take(other, "desks").desktop == "dev-2"
    assert office.desktops.take(office.person("third.one", "vdi"), "desks").desktop == "dev-1"


def test_a_right_that_needs_a_fresh_code_is_there_with_one_and_only_then(office: Office):
    office.policy = policy_of(FRESH)
    user = office.person()
    assert office.desktops.take(user, "desks").desktop == ""

    office.prove_code(user, office.now - 2 * HOUR)
    assert office.desktops.take(user, "desks").desktop == ""
    office.prove_code(user, office.now)
    assert office.desktops.take(user, "desks").desktop == "dev-1"


def test_a_live_session_with_a_fresh_code_counts_too_and_one_that_is_ended_does_not(office: Office):
    office.policy = policy_of(FRESH)
    user, house = office.person(), office.house
    session_id = house.session(user.id, house.nas(house.gateway()))
    assert office.held(user) == [("desks", "")]

    house.change_session(session_id, disconnect="wanted")
    assert office.held(user) == []


def test_somebody_disabled_gets_none(office: Office):
    office.house.change_user(office.house.user_id, enabled=False)

    assert office.desktops.take(office.person(), "desks").desktop == ""


def test_without_a_policy_there_are_no_desktops(office: Office):
    office.policy = None

    assert office.held(office.person()) == []
    assert office.desktops.take(office.person(), "desks").desktop == ""


def test_a_lost_desktop_is_told_with_the_policy_that_spoke(office: Office):
    user = office.person()
    office.desktops.take(user, "desks")

    office.house.place(user.id, [])
    office.desktops.release_lost()

    with office.database.read() as conn:
        lost = audit.records(conn, audit.Selection(kind="desktop", reason="RIGHT_LOST"), KEYRING)
    assert [each.detail["policy"] for each in lost] == [load(POLICY).revision]


@pytest.mark.parametrize(
    "lose",
    [
        lambda office, user: office.house.place(user.id, []),
        lambda office, user: office.house.change_user(user.id, enabled=False),
        lambda office, user: setattr(office, "policy", None),
        lambda office, user: setattr(office, "policy", policy_of(POLICY.replace("dev-1: 10.99.0.2, ", ""))),
    ],
    ids=["group", "disabled", "no policy", "no such desktop"],
)
def test_who_loses_the_right_loses_the_desktop(office: Office, lose):
    user = office.person()
    office.desktops.take(user, "desks")
    assert office.desktops.release_lost() == 0

    lose(office, user)

    assert office.desktops.release_lost() == 1
    assert office.desktops.release_lost() == 0
    assert office.rows() == {"dev-1": (user.id, office.now)}
    assert office.audited()[-1] == ("desktop.right-lost", "dev-1")


def test_a_right_that_only_rests_keeps_its_desktop(office: Office):
    office.policy = policy_of(FRESH)
    user = office.person()
    office.prove_code(user, office.now)
    office.desktops.take(user, "desks")
    office.now += 2 * HOUR

    assert office.desktops.release_lost() == 0


def test_of_many_who_take_at_once_nobody_shares(office: Office):
    users = [office.person(f"user.{number}", "vdi") for number in range(6)]

    with ThreadPoolExecutor(6) as threads:
        took = list(threads.map(lambda user: office.desktops.take(user, "desks").desktop, users))

    assert sorted(took) == ["", "", "", "", "dev-1", "dev-2"]
    assert len({user_id for user_id, _ in office.rows().values()}) == 2


@pytest.mark.parametrize(
    ("kind", "origin", "may"),
    [("passkey", "registration", True), ("totp", "registration", False), ("passkey", "helpdesk", False)],
)
def test_a_desktop_can_ask_what_somebody_signed_in_with(office, kind, origin, may):
    asked = "when: {otp_age: 1h, factor: passkey, assurance: registration}"
    office.policy = policy_of(FRESH.replace("when: {otp_age: 1h}", asked))
    kim = office.person()
    office.prove_code(kim, office.now, kind, origin)

    assert bool(office.desktops.take(kim, "desks").desktop) is may


def test_a_code_by_e_mail_opens_no_desktop_that_asks_for_a_code(office):
    office.policy = policy_of(FRESH)
    kim = office.person()
    office.prove_code(kim, office.now, "e-mail", "e-mail")

    assert office.desktops.take(kim, "desks").desktop == ""

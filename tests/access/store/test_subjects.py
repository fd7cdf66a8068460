from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import insert

from access.changes.outlook import Preview
from access.changes.session_preview import name_of
from access.model import Effect, Subject
from access.policy.compiled import Policy, compile
from access.policy.preview import difference
from access.policy.subjects import standing, subject_of
from access.policy.touched import own_keys, touched
from access.policy.vocabulary import ComputedGroup, Document, Rule
from access.store import forecast, people, policies, subjects
from access.store.database import Database
from access.store.tables import ending_memberships, endpoints
from tests.access.gatehouse import GROUPS, Gatehouse
from tests.access.policy.generated import NETWORKS, POOLS
from tests.access.residents import NOW

OBJECTS = ("login:vpn", "login:portal", "network:git", "network:wiki", "vdi:desktops")
WHO = (
    *(f"group:hangang/{name}" for name in (*GROUPS, "made", "made-of-made")),
    *("user:p3@hangang", "user:p4@hangang", "attribute:hangang/department=lab", "endpoint:00:11:22:aa:bb:cc"),
    "realm:else.example",
)
OUT_OF_EVERYBODY = "organization:hangang"


@pytest.fixture
def house(database: Database) -> Gatehouse:
    """Ten people, each in some groups, one of them in one that ends, some of them gone; and a printer."""
    made, random = Gatehouse(database), Random(5)
    ids = [made.person(f"p{number}", *random.sample(GROUPS, number % 4)) for number in range(10)]
    made.change_user(ids[0], attributes="department=lab")
    made.change_user(ids[5], enabled=False)
    made.change_user(ids[6], expires_at=NOW)
    made.change_user(ids[7], expires_at=NOW + 1)
    made.change_user(ids[8], vanished_at=NOW, enabled=False)
    ending = [
        {"user_id": ids[0], "group_id": made.group_ids["vdi"], "until": NOW + 1},
        {"user_id": ids[4], "group_id": made.group_ids["vdi"], "until": NOW},
    ]
    with database.write() as conn:
        conn.execute(insert(ending_memberships), ending)
        conn.execute(insert(endpoints).values(organization_id=1, mac="00-11-22-aa-bb-cc"))
    vpn = made.nas(made.gateway())
    for number, user_id in enumerate(ids):
        made.session(user_id, vpn, f"10.8.0.{number + 1}")
    made.session(None, vpn, "10.8.0.20", endpoint_id=1)
    made.session(None, vpn, "10.8.0.21", realm="else.example", user_name="guest")
    return made


def everybody(house: Gatehouse) -> dict[str, Subject]:
    """Whoever counts, read one by one."""
    with house.database.read() as conn:
        counted = [subject_of(user) for user in people.all_users(conn) if not user.is_over(NOW)]
    printer = Subject(0, "hangang", "00-11-22-aa-bb-cc")
    return {name_of(each): standing(each, NOW)[0] for each in (*counted, printer)}


def drawn(random: Random, whole_company: bool) -> Policy:
    groups = {
        f"hangang/{name}": ComputedGroup(f"hangang/{name}", *map(tuple, parts), line=1)
        for name, parts in {
            "made": (random.sample(WHO[:5], 2), random.sample(WHO[:5], random.randint(0, 1)), [WHO[4]]),
            "made-of-made": (["group:hangang/made"], [], random.sample(WHO[:5], 1)),
        }.items()
    }
    who = (*WHO, OUT_OF_EVERYBODY) if whole_company else WHO
    rules = tuple(
        Rule(
            f"r{number}",
            random.choice((Effect.PERMIT, Effect.PERMIT, Effect.DENY)),
            tuple(random.sample(OBJECTS, random.randint(1, 2))),
            tuple(random.sample(who, random.randint(1, 2))),
        )
        for number in range(6)
    )
    door = Rule("door", Effect.PERMIT, ("login:vpn",), ("organization:hangang", *WHO[-2:]))
    return compile(Document("r", networks=NETWORKS, vdi=POOLS, rules=(*rules, door), groups=groups))


def changed(random: Random, policy: Policy) -> Policy:
    """The same with another rule in the place of one, and at times with other computed groups."""
    other = drawn(random, whole_company=random.random() < 0.2).document
    rules = (*policy.document.rules[1:], other.rules[0])
    groups = other.groups if random.random() < 0.3 else policy.document.groups
    return compile(replace(policy.document, revision="s", rules=rules, groups=groups))


def test_a_preview_reads_whom_it_is_about_and_says_the_same_as_of_everybody(house: Gatehouse):
    known, told, left_out = everybody(house), 0, 0
    with house.database.read() as conn:
        for seed in range(60):
            random = Random(seed)
            old = drawn(random, whole_company=seed % 3 == 0)
            new = changed(random, old)

            seen = forecast.preview(conn, old, new, NOW)

            lines = difference(old, new, known, NOW)
            assert [each.line for each in seen.lines] == lines
            assert seen.people == {"hangang": len(known)}
            told += len(lines)
            found = subjects.with_any(conn, own_keys(touched(old, new), old, new))
            left_out += found is not None and len(found) < len(known) - 1
    assert told > 40
    assert left_out > 20


def in_order(seen: Preview) -> Preview:
    return replace(seen, sessions=tuple(sorted(seen.sessions, key=lambda each: each.session_id)))


def test_a_preview_reads_whose_sessions_it_is_about_and_says_the_same_as_of_all(
    house: Gatehouse, monkeypatch: pytest.MonkeyPatch
):
    told: set[str] = set()
    with house.database.read() as conn:
        for seed in range(60):
            random = Random(seed)
            old = drawn(random, whole_company=seed % 3 == 0)
            new = changed(random, old)

            seen = forecast.preview(conn, old, new, NOW)

            with monkeypatch.context() as patched:
                # As it is read where zones differ: every session.
                patched.setattr(forecast, "zones_differ", lambda *_: True)
                assert in_order(forecast.preview(conn, old, new, NOW)) == in_order(seen)
            told |= {each.name for each in seen.sessions}
    assert {"p0@hangang", "p3@hangang", "00-11-22-aa-bb-cc", "guest@else.example"} <= told


def test_a_key_is_found_however_its_group_or_person_is_spelt(house: Gatehouse):
    with house.database.read() as conn:
        user = people.user_by_name(conn, 1, "p3")
        assert user is not None
        groups = {group.partition("/")[2] for group in user.groups}

        assert subjects.with_any(conn, {"user:p3@hangang"}) == {user.id}
        assert subjects.with_any(conn, {f"account:{user.id}"}) == {user.id}
        for group in groups:
            assert user.id in (subjects.with_any(conn, {f"group:hangang/{group}"}) or ())
        assert subjects.with_any(conn, {"endpoint:00:11:22:aa:bb:cc", "realm:else.example"}) == frozenset()
        assert subjects.with_any(conn, {"organization:hangang"}) is None
        assert subjects.with_any(conn, {"organization:seorak"}) == frozenset()


def test_everybody_of_whom_a_check_asks_is_read_with_all_that_a_rule_can_ask(house: Gatehouse):
    with house.database.read() as conn:
        world = policies.world(conn)

        assert world.users == {
            f"{user.name}@{user.organization}": subject_of(user) for user in people.all_users(conn)
        }


def test_of_very_many_all_rows_are_read_and_only_those_asked_for_told(
    house: Gatehouse, monkeypatch: pytest.MonkeyPatch
):
    with house.database.read() as conn:
        wanted = {1, 3, 4}
        few = list(subjects.counting(conn, wanted, NOW))
        monkeypatch.setattr(subjects, "_RATHER_ALL", 2)

        assert list(subjects.counting(conn, wanted, NOW)) == few
        assert {each.subject.id for each in few} <= wanted

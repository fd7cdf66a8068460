"""The preview of a changed policy as the console asks for it: through the database. One core, SQLite."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from sqlalchemy import insert

from access.policy.compiled import Policy, compile
from access.store import forecast, schema
from access.store.database import Database
from access.store.tables import groups, memberships, nas, organizations, sessions, users
from tests.bench.figures import Figure
from tests.bench.policy_speed import GROUPS, MONDAY_9, PEOPLE, Large, large_company, timed

HOW = """\
- `stored_preview`: CPU of a whole preview out of SQLite, for the same company with 10,000 live sessions: 50
  rules are about other groups, or the one rule about everybody has other conditions. People, sessions and
  uses are read, the two texts are not (a process remembers those that it has read).
"""

LIVE = 10_000
CHANGED = 50


def measure() -> Iterator[Figure]:
    """Seconds for a change of some rules and for one about everybody."""
    large = large_company(Random(7))
    old = compile(large.document)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.sqlite", Path(folder) / "lock")
        schema.upgrade(database)
        fill(database, large)
        for name, new in (("50_rules", some_rules(large)), ("a_rule_about_everybody", everybody(large))):
            with database.read() as conn:
                seen, took_s = timed(lambda: forecast.preview(conn, old, new, MONDAY_9))  # noqa: B023
            assert seen.lines
            yield Figure(f"policy_stored_preview_of_{name}", took_s, "s")
        database.close()


def some_rules(large: Large) -> Policy:
    """The policy with CHANGED rules that are about other groups."""
    random, rules = Random(1), list(large.document.rules)
    for number in random.sample(range(1, len(rules)), CHANGED):
        rules[number] = replace(rules[number], who=(f"group:hangang/g{random.randrange(GROUPS)}",))
    return compile(replace(large.document, rules=tuple(rules), revision="some"))


def everybody(large: Large) -> Policy:
    """The policy without the conditions under which everybody may log in."""
    login, *others = large.document.rules
    rules = (replace(login, conditions=()), *others)
    return compile(replace(large.document, rules=rules, revision="everybody"))


def fill(database: Database, large: Large) -> None:
    """Write down everybody, their groups, and a live session for LIVE of them."""
    in_company = {"organization_id": 1}
    people = [
        in_company | {"entry_uuid": each.name, "name": each.name, "dn": f"uid={each.name}"}
        for each in large.subjects
    ]
    names = [f"g{number}" for number in range(GROUPS)]
    placed = [
        {"user_id": each.id, "group_id": int(group.removeprefix("hangang/g")) + 1}
        for each in large.subjects
        for group in each.groups
    ]
    assert len(people) == PEOPLE
    with database.write() as conn:
        conn.execute(insert(organizations).values(key="hangang", name="Hangang", realm="hangang.example"))
        conn.execute(insert(users), people)
        conn.execute(
            insert(groups),
            [in_company | {"entry_uuid": name, "name": name, "dn": f"cn={name}"} for name in names],
        )
        conn.execute(insert(memberships), placed)
        gateway = {"name": "n", "network": "127.0.0.1/32", "binding": "n", "secret": b"", "via": "vpn"}
        conn.execute(insert(nas).values(**in_company, **gateway))
        conn.execute(insert(sessions), [_session(each.id) for each in large.subjects[:LIVE]])


def _session(user_id: int) -> dict[str, object]:
    came = {
        "otp_at": MONDAY_9 - 60,
        "code": "totp registration",
        "admitted_at": MONDAY_9 - 60,
        "state": "live",
        "via": "vpn",
        "method": "pap",
    }
    address = f"10.{user_id >> 16}.{user_id >> 8 & 255}.{user_id & 255}"
    whose = {"organization_id": 1, "user_id": user_id, "nas_id": 1, "class_": user_id.to_bytes(8)}
    return {**whose, **came, "address4": address}

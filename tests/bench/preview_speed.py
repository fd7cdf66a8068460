"""The preview of a changed policy as the console asks for it: through the database. One core, SQLite."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from sqlalchemy import insert

from access.gateways.uses import DAY_S, Use
from access.model import Effect, Subject
from access.policy.compiled import Policy, compile
from access.policy.vocabulary import ComputedGroup, Document, Network, Rule, Tier, Zone
from access.store import forecast, last_uses, schema
from access.store.database import Database
from access.store.tables import devices, groups, memberships, nas, organizations, sessions, users
from tests.bench.figures import Figure
from tests.bench.policy_speed import (
    CONDITIONS,
    GROUPS,
    LOGIN,
    MONDAY_9,
    PEOPLE,
    Large,
    large_company,
    timed,
)

HOW = f"""\
- `stored_preview`: CPU of a whole preview out of SQLite, the quickest of three, for the same company with
  10,000 live sessions at a gateway; all {PEOPLE:,} people are in one group more. People, sessions and uses
  are read, the two texts are not (a process remembers those that it has read). 50 rules are about other
  groups. The one rule about everybody has other conditions, is gone, or is of another tier; a guardrail asks
  something of everybody; the group of everybody has another name in that rule, or is computed by the document
  and has another name there; beside a zone of 250 networks there is one of 50 more, which almost half of the
  sessions would be in as well. `of_10_companies`: as many people, rules and sessions of ten companies, and of
  each the rule about everybody has other conditions.
"""

LIVE = 10_000
USES = 20_000
CHANGED = 50
COMPANIES = 10
ROUNDS = 3
STAFF = "hangang/staff"


@dataclass(frozen=True)
class Case:
    """A change of a policy."""

    name: str
    old: Policy
    new: Policy


def measure() -> Iterator[Figure]:
    """Seconds of the preview of each change."""
    large = large_company(Random(7))
    yield from previews([with_group(each, STAFF) for each in large.subjects], cases(large.document))
    several = in_companies(large)
    case = Case("of_10_companies", compile(several.document), others_for_everybody(several.document))
    yield from previews(several.subjects, [case])


def previews(people: Sequence[Subject], cases: Iterable[Case]) -> Iterator[Figure]:
    """Seconds of the preview of each change in a database of these people."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.sqlite", Path(folder) / "lock")
        schema.upgrade(database)
        fill(database, people)
        for case in cases:
            took_s = min(preview_s(database, case) for _ in range(ROUNDS))
            yield Figure(f"policy_stored_preview_{case.name}", took_s, "s", 1.0)
        database.close()


def preview_s(database: Database, case: Case) -> float:
    """Seconds of the preview of a change."""
    with database.read() as conn:
        return timed(lambda: forecast.preview(conn, case.old, case.new, MONDAY_9))[1]


def cases(document: Document) -> Iterator[Case]:
    """Yield the changes of a company's policy."""
    old = compile(document)
    yield Case("of_50_rules", old, some_rules(document))
    yield Case("of_a_rule_about_everybody", old, others_for_everybody(document))
    yield Case("of_a_rule_about_everybody_gone", old, with_logins(document))
    login = document.rules[0]
    yield Case("of_another_tier", old, with_logins(document, replace(login, tier=Tier.TEAM)))
    asks = Rule(
        "asks", Effect.DENY, login.objects, login.who, CONDITIONS[1], requires=True, tier=Tier.GUARDRAIL
    )
    yield Case("of_a_guardrail_about_everybody", old, with_logins(document, login, asks))
    by_name = [
        with_logins(document, replace(login, who=(f"group:{name}",))) for name in (STAFF, "hangang/all")
    ]
    yield Case("of_a_group_of_everybody_renamed", *by_name)
    yield Case(
        "of_a_computed_group_of_everybody_renamed", *(computing(document, name) for name in ("one", "other"))
    )
    one, two = (compile(replace(document, zones=each, revision=f"{len(each)}")) for each in zones(document))
    yield Case("of_a_zone", one, two)


def some_rules(document: Document) -> Policy:
    """The policy with CHANGED rules that are about other groups."""
    random, rules = Random(1), list(document.rules)
    for number in random.sample(range(1, len(rules)), CHANGED):
        rules[number] = replace(rules[number], who=(f"group:hangang/g{random.randrange(GROUPS)}",))
    return compile(replace(document, rules=tuple(rules), revision="some"))


def others_for_everybody(document: Document) -> Policy:
    """The policy without the conditions under which everybody may log in."""
    rules = (replace(rule, conditions=()) if rule.objects == LOGIN else rule for rule in document.rules)
    return compile(replace(document, rules=tuple(rules), revision="everybody"))


def with_logins(document: Document, *logins: Rule) -> Policy:
    """The policy with these rules in the place of the one about everybody."""
    return compile(replace(document, rules=(*logins, *document.rules[1:]), revision="logins"))


def computing(document: Document, name: str) -> Policy:
    """The policy that lets in a group which it computes of everybody."""
    group = ComputedGroup(f"hangang/{name}", any=("organization:hangang",))
    rules = (replace(document.rules[0], who=(f"group:{group.name}",)), *document.rules[1:])
    return compile(replace(document, rules=rules, groups={group.name: group}, revision=name))


def zones(document: Document) -> tuple[dict[str, Zone], dict[str, Zone]]:
    """A zone of every fourth network; and with another of every twentieth, none of them in the first."""
    objects = [f"network:{name}" for name in document.networks]
    work, lab = Zone("work", tuple(objects[::4])), Zone("lab", tuple(objects[1::20]))
    return {"work": work}, {"work": work, "lab": lab}


def with_group(subject: Subject, group: str) -> Subject:
    """The person in one more group."""
    return replace(subject, groups=subject.groups | {group})


def in_companies(large: Large) -> Large:
    """The same people, groups, networks and rules, each of one of COMPANIES; nobody has another's."""
    subjects = [_moved(each, f"c{each.id % COMPANIES}") for each in large.subjects]
    networks = {
        name: replace(network, organization=f"c{number % COMPANIES}")
        for number, (name, network) in enumerate(large.document.networks.items())
    }
    login, *others = large.document.rules
    logins = (
        replace(login, id=f"login-{company}", who=(f"organization:c{company}",))
        for company in range(COMPANIES)
    )
    owned = (_owned(rule, networks) for rule in others)
    return Large(replace(large.document, networks=networks, rules=(*logins, *owned)), subjects)


def _moved(subject: Subject, company: str) -> Subject:
    groups = frozenset(group.replace("hangang", company) for group in subject.groups)
    return replace(subject, organization=company, groups=groups)


def _owned(rule: Rule, networks: Mapping[str, Network]) -> Rule:
    company = networks[rule.objects[0].removeprefix("network:")].organization
    return replace(rule, who=tuple(who.replace("hangang", company) for who in rule.who))


def fill(database: Database, people: Sequence[Subject]) -> None:
    """Write down everybody and their groups, a live session for LIVE of them, and uses of USES."""
    companies = {key: number for number, key in enumerate(sorted({each.organization for each in people}), 1)}
    named = {
        name: number for number, name in enumerate(sorted(frozenset().union(*(e.groups for e in people))), 1)
    }
    assert len(people) == PEOPLE
    with database.write() as conn:
        conn.execute(
            insert(organizations), [{"key": key, "name": key, "realm": f"{key}.example"} for key in companies]
        )
        conn.execute(insert(users), [_user(each, companies) for each in people])
        conn.execute(insert(groups), [_group(name, companies) for name in named])
        placed = [{"user_id": each.id, "group_id": named[group]} for each in people for group in each.groups]
        conn.execute(insert(memberships), placed)
        whose = {"organization_id": 1, "name": "n"}
        there = {"network": "127.0.0.1/32", "binding": "n", "secret": b"", "via": "vpn"}
        conn.execute(insert(nas).values(**whose, **there))
        conn.execute(insert(devices).values(**whose, kind="nftables", address="local:", pools="[]"))
        live = people[:: PEOPLE // LIVE]
        conn.execute(insert(sessions), [_session(each, companies[each.organization]) for each in live])
        last_uses.note(conn, [Use(each.id, LOGIN[0], MONDAY_9 - DAY_S) for each in people[:USES]])


def _user(person: Subject, companies: Mapping[str, int]) -> dict[str, object]:
    company = companies[person.organization]
    return {
        "organization_id": company,
        "entry_uuid": person.name,
        "name": person.name,
        "dn": f"uid={person.name}",
    }


def _group(name: str, companies: Mapping[str, int]) -> dict[str, object]:
    company, _, own = name.partition("/")
    return {"organization_id": companies[company], "entry_uuid": name, "name": own, "dn": f"cn={own}"}


def _session(person: Subject, organization_id: int) -> dict[str, object]:
    """Each has come at another moment, from another endpoint."""
    number = person.id
    came_at = MONDAY_9 - 60 - number % 7200
    return {
        "organization_id": organization_id,
        "user_id": number,
        "nas_id": 1,
        "class_": number.to_bytes(8),
        "otp_at": came_at,
        "code": "totp registration",
        "admitted_at": came_at,
        "calling_station": f"02-00-00-{number >> 16:02x}-{number >> 8 & 255:02x}-{number & 255:02x}",
        "client_address": f"198.18.{number >> 8 & 255}.{number & 255}",
        "state": "live",
        "via": "vpn",
        "method": "pap",
        "gateway_id": 1,
        "address4": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
    }

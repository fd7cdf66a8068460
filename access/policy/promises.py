"""The tests section: what a document promises about itself, to be kept before it may be published."""

from collections.abc import Callable
from math import inf
from typing import TypeVar

from access.logins.risk import Risk
from access.model import NETWORK_DOORS, Absent, Facts, Others, Subject, Via
from access.nas.endpoint_standing import EndpointFacts, Standing
from access.policy import scalars
from access.policy.gifts import read_gives
from access.policy.reading import Keys, Reader
from access.policy.rules import Names, listed
from access.policy.tree import Node, Scalar, Table
from access.policy.vocabulary import VDI, Document, PolicyTest
from access.proof.factors import Factor
from access.words.document_mistakes import SectionMistake
from access.words.phrase import say
from access.words.text_mistakes import Thing

_TEST = Keys(("name", "who", "facts"), ("accept", "deny", "gives"))
_WHO = Keys((), ("user", "groups", "attributes", "organization", "endpoint", "realm"))
_FACTS = Keys(
    ("now",),
    (
        *("via", "method", "otp_age", "site", "nas_group", "ssid", "medium", "certificate"),
        *("factor", "assurance", "source", "country", "endpoint", "sessions", "risk", "nas_organization"),
    ),
)
_DOORS = Keys((), tuple(sorted(NETWORK_DOORS)))
DOES_NOT_APPLY = "none"

T = TypeVar("T")


def read_tests(node: Node | None, names: Names, reader: Reader) -> tuple[PolicyTest, ...]:
    """The tests in the order written."""
    tests: dict[str, PolicyTest] = {}
    for item in listed(node, "tests", reader):
        test = _test(item, names, reader)
        if test.name in tests:
            line = tests[test.name].line
            reader.problem(test.line, SectionMistake.TEST_TWICE, name=test.name, line=line)
        tests.setdefault(test.name, test)
    return tuple(tests.values())


def _test(node: Node, names: Names, reader: Reader) -> PolicyTest:
    entries = reader.table(node, say(Thing.A_TEST), _TEST)
    if "accept" not in entries and "deny" not in entries:
        reader.problem(node.line, SectionMistake.TEST_OF_NOTHING)
    accept = reader.values(entries.get("accept"), names.object)
    if "gives" in entries and not any(object.startswith(("login:", VDI)) for object in accept):
        reader.problem(entries["gives"].line, SectionMistake.NOTHING_TO_GIVE)
    user, subject = _who(entries.get("who"), reader)
    now, facts = _facts(entries.get("facts"), reader)
    return PolicyTest(
        name=reader.scalar(entries.get("name"), scalars.sentence) or f"(line {node.line})",
        user=user,
        subject=subject,
        facts=facts,
        now=now,
        accept=accept,
        deny=reader.values(entries.get("deny"), names.object),
        line=node.line,
        gives=read_gives(entries.get("gives"), reader),
    )


def _who(node: Node | None, reader: Reader) -> tuple[str | None, Subject | None]:
    entries = reader.table(node, "who", _WHO)
    user = reader.scalar(entries.get("user"), scalars.user)
    organization = reader.scalar(entries.get("organization"), scalars.name)
    mac = reader.scalar(entries.get("endpoint"), scalars.mac_address)
    groups = reader.values(entries.get("groups"), scalars.group)
    realm = reader.scalar(entries.get("realm"), scalars.name)
    if realm and set(entries) == {"realm"}:
        return None, Subject(0, "", "(test)", realm=realm)
    if node is not None and (
        set(entries) != {"user"} and ("user" in entries or "organization" not in entries)
    ):
        reader.problem(node.line, SectionMistake.NOT_ONE_SUBJECT)
    if user or organization is None:
        return user, None
    if mac:
        return None, Subject(0, organization, mac, frozenset(groups))
    attributes = _attributes(entries.get("attributes"), reader)
    return None, Subject(-1, organization, "(test)", frozenset(groups), attributes=attributes)


def _attributes(node: Node | None, reader: Reader) -> frozenset[str]:
    return frozenset(
        f"{named}={value}"
        for name, key, values in reader.named(node, "attributes")
        if (named := reader.scalar(key, scalars.attribute_name))
        for value in reader.values(values, scalars.attribute_value)
    )


def refuse_computed(document: Document, reader: Reader) -> None:
    """Report tests about somebody in a computed group: who is in one follows from what it is computed of."""
    for test in document.tests:
        for group in test.subject.groups & document.groups.keys() if test.subject else ():
            reader.problem(test.line, SectionMistake.GROUP_IS_COMPUTED, group=group)


def _facts(node: Node | None, reader: Reader) -> tuple[float, Facts]:
    entries = reader.table(node, "facts", _FACTS)
    now = reader.scalar(entries.get("now"), scalars.moment) or 0.0
    host = entries.get("nas_organization")
    age = _fact(entries.get("otp_age"), scalars.duration, reader)
    return now, Facts(
        via=_fact(entries.get("via"), scalars.via, reader),
        method=_fact(entries.get("method"), scalars.method, reader),
        otp_at=now - age if isinstance(age, float) else age,
        site=_fact(entries.get("site"), scalars.place, reader),
        nas_group=_fact(entries.get("nas_group"), scalars.place, reader),
        ssid=_fact(entries.get("ssid"), scalars.ssid, reader),
        medium=_fact(entries.get("medium"), scalars.medium, reader),
        certificate=_fact(entries.get("certificate"), scalars.certified, reader),
        factor=_factor(entries.get("factor"), age, reader),
        assurance=_fact(entries.get("assurance"), scalars.assurance, reader),
        source=_fact(entries.get("source"), scalars.address, reader),
        country=_fact(entries.get("country"), scalars.country, reader),
        endpoint=_endpoint(entries.get("endpoint"), reader),
        sessions=_sessions(entries.get("sessions"), reader),
        risk=_risk(entries.get("risk"), reader),
        nas_organization=Absent.DOES_NOT_APPLY if host is None else _fact(host, scalars.name, reader),
    )


def _factor(node: Node | None, age: float | Absent, reader: Reader) -> Factor | Absent:
    """What made the code. A test that says how old it is and no more means one of an app."""
    return Factor.TOTP if node is None and isinstance(age, float) else _fact(node, scalars.factor, reader)


def _endpoint(node: Node | None, reader: Reader) -> EndpointFacts | Absent:
    """What the endpoint is, for good: one word, or several together."""
    if node is None or (isinstance(node, Scalar) and node.text == DOES_NOT_APPLY):
        return Absent.UNKNOWN if node is None else Absent.DOES_NOT_APPLY
    stands = reader.values(node, scalars.standing)
    if Standing.UNREGISTERED in stands and len(stands) > 1:
        reader.problem(node.line, SectionMistake.UNREGISTERED_AND_MORE)
    return EndpointFacts(**{each.value: inf for each in stands if each is not Standing.UNREGISTERED})


def _sessions(node: Node | None, reader: Reader) -> Others | Absent:
    """On how many other endpoints they have sessions: one number for every door, or one for each."""
    if not isinstance(node, Table):
        count = _fact(node, scalars.few, reader)
        return count if isinstance(count, Absent) else Others(((None, count),))
    doors = (
        (Via(door), node) for door, node in reader.table(node, "sessions", _DOORS).items() if door in set(Via)
    )
    return Others(tuple((door, reader.scalar(count, scalars.few) or 0) for door, count in doors))


def _risk(node: Node | None, reader: Reader) -> Risk | Absent:
    level = _fact(node, scalars.risk, reader)
    return level if isinstance(level, Absent) else Risk(level)


def _fact(node: Node | None, parse: Callable[[str], T], reader: Reader) -> T | Absent:
    """A fact's value; `none` says that it does not apply, and one that is not written is unknown."""
    if isinstance(node, Scalar) and node.text == DOES_NOT_APPLY:
        return Absent.DOES_NOT_APPLY
    value = reader.scalar(node, parse)
    return Absent.UNKNOWN if value is None else value

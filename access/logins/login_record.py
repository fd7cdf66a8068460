"""Logins and accounting as records of the journal: plain JSON, which the loader turns into rows.

kind    login, device-login, refusal, accounting or notice; t is when, seconds since the epoch
audited with `entry`, the row of the audit that the journal numbers
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from access.logins.places import kept, medium_of, ssid_of
from access.model import Absent, Decision, Reason, User, Via
from access.model import Facts as PolicyFacts
from access.nas.registry import Endpoint, NasClient
from access.policy.facts_text import spell
from access.policy.gifts import spelt
from access.proof.password_memory import REMEMBERED
from access.records.alarms import ALARMS, Alarm, AlarmKind, told
from radius.accounting import reported_at
from radius.facts import NO_FACTS, Facts
from radius.questions import Account, AccountKind, Notice, Noticed, Step
from radius.vendor.families import family_of
from radius.vendor.privilege import ADMINISTRATORS

# What a NAS may put into an attribute, and as much as a column of ours has room for.
LONGEST_TEXT = 200
MOST_NETWORKS = 16

# The Class of a session that a refusal takes back.
WITHDRAWN = "withdrawn"
# Whom a report means whose NAS keeps no Class: the id of a user, None for nobody we know.
UNCLASSED = "unclassed"
# What a NAS that keeps no Class calls a session, in the record of a login of it; empty where it did not say.
OWN_NAME = "own_name"

Told = dict[str, Any]


@dataclass(slots=True)
class Attempt:
    """A login, as far as it is known: user or endpoint are who it is about. steps are as pages show them.

    weighed: what the policy was asked with, once it was.

    organization_id is whose login it is; door is what it came through, source from where. risk is as a
    session keeps it, empty where no rule asks for it. host: the key of the organization whose NAS it is.
    """

    client: NasClient
    door: Via
    user_name: str
    station: str
    organization_id: int
    method: str = ""
    user: User | None = None
    endpoint: Endpoint | None = None
    facts: Facts = NO_FACTS
    steps: list[Told] = field(default_factory=list)
    certificate: str = ""
    realm: str = ""
    source: IPv4Address | IPv6Address | Absent = Absent.UNKNOWN
    country: str | Absent = Absent.UNKNOWN
    weighed: PolicyFacts | None = None
    risk: str = ""
    host: str | Absent = Absent.UNKNOWN

    @property
    def where(self) -> str:
        """Where it was, for people: the NAS and its port."""
        return where_of(self.client, self.facts)


def accepted(attempt: Attempt, decision: Decision, given: tuple[str, ...], now: float) -> Told:
    """Return the record of an Accept, still without its Class, its name, its end and the time of its code."""
    user, endpoint, facts = attempt.user, attempt.endpoint, attempt.facts
    return {
        "kind": "login",
        "t": now,
        "nas": attempt.client.id,
        "organization": attempt.organization_id,
        "user": user.id if user else None,
        "endpoint": endpoint.id if endpoint else None,
        "via": attempt.door,
        "method": attempt.method,
        "vlan": decision.gives.vlan or "",
        "gifts": spelt(decision.gives),
        "voice": decision.gives.voice_vlan is not None or (endpoint is not None and endpoint.phone),
        "revision": decision.revision,
        "where": attempt.where,
        "certificate": attempt.certificate,
        "realm": attempt.realm,
        "medium": kept(medium_of(facts.nas_port_type)),
        "risk": attempt.risk,
        "zone": decision.zone,
        **_origin(attempt),
        **_place(facts),
        **_peer(facts),
        OWN_NAME: own_name(attempt.client, facts),
        "audited": True,
        "entry": _entry(attempt, Reason.PERMITTED, None, {**spoken(decision), "given": list(given)}),
    }


def own_name(client: NasClient, facts: Facts) -> str:
    """Return what a NAS that keeps no Class calls the session of a login; empty of any other."""
    return "" if family_of(client.vendor).keeps_class else facts.acct_session_id[:LONGEST_TEXT]


def let_into_device(attempt: Attempt, decision: Decision, given: tuple[str, ...], now: float) -> Told:
    """Return the record of an administrator's login to a NAS. No session and no right comes of it."""
    more = {**spoken(decision), "privilege": decision.gives.privilege, "given": list(given)}
    entry = _entry(attempt, Reason.PERMITTED, None, more)
    return {"kind": "device-login", "t": now, "audited": True, "entry": entry}


def refused(attempt: Attempt, reason: Reason, case: str, now: float, more: Mapping[str, Any]) -> Told:
    """Return the record of a refusal."""
    return {"kind": "refusal", "t": now, "audited": True, "entry": _entry(attempt, reason, case, more)}


def accounted(client: NasClient, question: Account, class_: bytes, user_id: int | None, now: float) -> Told:
    """Return the record of an Accounting-Request; class_ is ours, or empty. user_id: of whom its name means.

    One without a Class of ours gains nothing. It is audited once a session, or where it pretends to have one.
    Of a NAS that keeps none the session is looked for when the record is loaded, and audited then.
    """
    used = question.usage
    record = {
        "kind": "accounting",
        "t": now,
        "nas": client.id,
        "status": question.kind.name,
        "at": reported_at(question, now),
        "class": class_.hex(),
        "session": question.acct_session_id[:LONGEST_TEXT],
        "user_name": question.user_name[:LONGEST_TEXT],
        "multi_session": question.multi_session_id[:LONGEST_TEXT],
        "networks": [str(network) for network in question.networks[:MOST_NETWORKS]],
        "used_s": used.session_time_s,
        "octets": [used.octets_in, used.octets_out],
        **_place(question.facts),
        **_peer(question.facts),
    }
    about_a_session = question.kind not in (AccountKind.ON, AccountKind.OFF)
    if not class_ and question.facts.service_type in ADMINISTRATORS:
        about_a_session = False  # what administrators do on a device is no session of the network
    if class_ or not about_a_session:
        return record
    if not question.class_ and not family_of(client.vendor).keeps_class:
        return record | {UNCLASSED: user_id, "entry": _foreign(client, question)}
    if question.kind is AccountKind.START or question.class_:
        record |= {"audited": True, "entry": _foreign(client, question)}
    return record


def noticed(client: NasClient, question: Noticed, now: float) -> Told:
    """Return the record of what the gate has learnt about a NAS."""
    record = {
        "kind": "notice",
        "t": now,
        "nas": client.id,
        "notice": question.notice.name,
        "secret": question.secret,
    }
    if question.notice is Notice.UNSIGNED:
        note = f"from {question.source}"
        alarm = Alarm(AlarmKind.NAS_STOPPED_SIGNING, client.name, note, client.organization_id)
        record[ALARMS] = [told(alarm)]
    return record


def where_of(client: NasClient, facts: Facts) -> str:
    """Return where something at a NAS was, for people: the NAS and its port."""
    return f"{client.name} {_port(facts)}".strip()


def spoken(decision: Decision) -> Told:
    """Return what the policy said, for the audit."""
    failed = [f"{each.rule}: {each.condition} {each.wanted}, {each.seen}" for each in decision.failed]
    return {
        "policy": decision.revision,
        "standing": decision.standing,
        "permits": list(decision.permits),
        "forbids": list(decision.forbids),
        "failed": failed,
        "zone": decision.zone,
        "clash": [f"{zone}: {rule}" for zone, rule in decision.clash],
    }


def rules_spoken(said: Mapping[str, Any]) -> frozenset[str]:
    """Return the rules that let somebody in or into a zone, of what spoken() returned."""
    behind = (each.rpartition(": ")[2] for each in said.get("clash", ()))
    return frozenset((*said.get("permits", ()), *behind))


def shown_steps(steps: Iterable[Step]) -> list[Told]:
    """Return the steps of a login as the pages show them."""
    return [
        {"name": step.name, "outcome": step.note, "ms": round(step.duration_s * 1000, 2)} for step in steps
    ]


def _entry(attempt: Attempt, reason: Reason, case: str | None, more: Mapping[str, Any]) -> Told:
    """Return the row for the audit."""
    detail = {
        "what": "login.accepted" if case is None else "login.refused",
        "nas": attempt.client.name,
        "via": attempt.door,
        "name": attempt.user_name[:LONGEST_TEXT],
        "endpoint": attempt.station[:LONGEST_TEXT],
        "method": attempt.method,
        "certificate": attempt.certificate,
        "realm": attempt.realm,
        "risk": attempt.risk,
        "ssid": _shown_ssid(attempt),
        **_origin(attempt),
        "port": _port(attempt.facts),
        "steps": attempt.steps,
        "facts": spell(attempt.weighed) if attempt.weighed is not None else None,
        REMEMBERED: any(step["outcome"] == REMEMBERED for step in attempt.steps) or None,
        **more,
    }
    return {
        "kind": "login",
        "reason": reason,
        "case": case,
        "organization": attempt.organization_id,
        "user": attempt.user.id if attempt.user else None,
        "detail": _without_blanks(detail),
    }


def _origin(attempt: Attempt) -> Told:
    """Return from where somebody comes, as far as that is known."""
    source, country = attempt.source, attempt.country
    return {
        "from": "" if isinstance(source, Absent) else _spelt_address(source),
        "country": "" if isinstance(country, Absent) else country,
    }


def _shown_ssid(attempt: Attempt) -> str:
    ssid = ssid_of(attempt.facts.called_station, attempt.door)
    return ssid[:LONGEST_TEXT] if isinstance(ssid, str) else ""


def _foreign(client: NasClient, question: Account) -> Told:
    detail = {
        "what": "session.not-ours",
        "nas": client.name,
        "name": question.user_name[:LONGEST_TEXT],
        "session": question.acct_session_id[:LONGEST_TEXT],
        **_place(question.facts),
    }
    return {
        "kind": "session",
        "reason": Reason.SESSION_NOT_OURS.value,
        "case": None,
        "organization": client.organization_id,
        "user": None,
        "detail": _without_blanks(detail),
    }


def _place(facts: Facts) -> Told:
    """Return where a session is, as its NAS says."""
    return {
        "calling": facts.calling_station[:LONGEST_TEXT],
        "called": facts.called_station[:LONGEST_TEXT],
        "port": _port(facts),
        "address4": "" if facts.framed_ip is None else str(facts.framed_ip),
        "address6": "" if facts.framed_ipv6 is None else str(facts.framed_ipv6),
    }


def _port(facts: Facts) -> str:
    port = facts.nas_port_id or ("" if facts.nas_port is None else str(facts.nas_port))
    return port[:LONGEST_TEXT]


def _peer(facts: Facts) -> Told:
    """Return how the NAS spoke to us: from where, with which of its secrets."""
    return {"source": _spelt_address(facts.source), "secret": facts.secret}


@lru_cache(maxsize=4096)
def _spelt_address(address: IPv4Address | IPv6Address | None) -> str:
    return "" if address is None else str(address)


def _without_blanks(detail: Mapping[str, Any]) -> Told:
    return {key: value for key, value in detail.items() if value not in ("", [], None)}

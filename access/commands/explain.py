"""officegate explain: why somebody may or may not, the rules that spoke, and what would help. ◆"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from math import inf
from typing import Any

import click

from access.app import App, open_countries
from access.commands.invocation import Invocation, passed
from access.commands.moments import Moment, seconds
from access.commands.person import person, shown
from access.console.reaching import usual_code
from access.errors import Refused
from access.logins.places import source_of, station_of
from access.logins.presence import others
from access.logins.risk import Level, Risk
from access.model import (
    Absent,
    Certified,
    Facts,
    Medium,
    Method,
    Others,
    Request,
    Subject,
    User,
    Via,
)
from access.nas.endpoint_standing import Evidence, endpoint_facts
from access.nas.registry import mac_octets, read_mac
from access.people.naming import folded, split_realm
from access.people.past import PRESENT
from access.policy.compiled import Policy, compile
from access.policy.document import load
from access.policy.explain import explain as explain_decision
from access.policy.explain import explain_user, render
from access.policy.scalars import BadValue, duration
from access.policy.subjects import subject_of
from access.policy.vocabulary import LOGINS
from access.proof.factors import Factor, Origin
from access.radius.home_servers import realms_of
from access.store import endpoints, organizations, policies, presences, rollouts, standing, tokens
from access.store.database import Connection
from access.store.that_day import Asked, in_the_past
from access.words.reasons import MEANINGS

USUAL_METHOD = {Via.VPN: Method.PAP, Via.DEVICE: Method.PAP, Via.PORTAL: Method.WEB}


class NoSuchObject(Refused):
    """The policy in force does not speak of what was asked for."""


class Address(click.ParamType[IPv4Address | IPv6Address]):
    """An address."""

    name = "address"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> IPv4Address | IPv6Address:
        """The address in the text. Fails where it is none."""
        try:
            return ip_address(str(value))
        except ValueError:
            self.fail(f"{value!r} is no address, like 203.0.113.7", param, ctx)


class Duration(click.ParamType[float]):
    """A duration as the policy writes it."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds in the text. Fails where it is no duration."""
        try:
            return duration(str(value))
        except BadValue as wrong:
            self.fail(str(wrong), param, ctx)


def _words(choices: type[StrEnum]) -> click.Choice[str]:
    """The words of the policy: click shows and takes the names of an enum's members, which nobody writes."""
    return click.Choice([each.value for each in choices if each.value])


class NotPermitted(click.exceptions.Exit):
    """The answer is no; the lines before say why."""

    def __init__(self) -> None:
        super().__init__(1)


@click.command()
@click.argument("user")
@click.option(
    "--via",
    type=_words(Via),
    required=True,
    help="The door they come through.",
)
@click.option("--object", "wanted", default="", help="network:NAME or vdi:NAME; otherwise the login itself.")
@click.option("--method", type=_words(Method), help="How they log in; otherwise the door's usual.")
@click.option("--certificate", type=_words(Certified), help="What certificate proves who they are.")
@click.option("--code-age", type=Duration(), help="How long ago they proved a code; otherwise the last one.")
@click.option("--factor", type=_words(Factor), help="What made it; otherwise the phone used last.")
@click.option("--assurance", type=_words(Origin), help="How they came by that; otherwise as it was.")
@click.option("--site", help="Where the NAS stands.")
@click.option("--nas-group", help="The group of the NAS.")
@click.option("--nas-organization", help="Whose the NAS is; otherwise their own company's.")
@click.option("--ssid", help="The Wi-Fi they have joined.")
@click.option("--medium", type=_words(Medium), help="What the NAS says leads to them.")
@click.option("--source", type=Address(), help="The address they come from.")
@click.option("--endpoint", help="The MAC address of what they use, as the registry knows it.")
@click.option("--sessions", type=click.IntRange(0, 1000), help="On how many other endpoints they have some.")
@click.option("--risk", type=_words(Level), help="How risky the login is; otherwise low.")
@click.option("--at", "moment", type=Moment(), help="At another moment than now, in local time.")
@click.option("--language", type=click.Choice(["ko", "en"]), default="en", show_default=True)
@passed
def explain(invocation: Invocation, /, user: str, via: str, language: str, **asked: object) -> None:
    """Print the decision about USER (name@organization). Exit status 1 if it is a refusal.

    What no option tells is as USER is known, or unknown. A visitor (name@realm of another realm) is
    taken for somebody whom a home server has accepted. USER may be the MAC address of a registered endpoint.
    """
    app = invocation.app()
    now = _moment(app, asked["moment"])
    with app.database.read() as conn:
        asking, before = _asking(app, conn, user, now), PRESENT
        if asked["moment"] is not None and now < app.clock() and asking.whom is not None:
            of = Asked(asking.whom, Via(via), now, app.clock(), app.settings.time_zone)
            before = in_the_past(conn, app.keyring, of)
            asking = replace(asking, whom=before.whom, subject=subject_of(before.whom))
        facts = replace(_facts(conn, asking, Via(via), asked, now), **_origin(app, Via(via), asked["source"]))
        if asking.whom is not None:
            facts = replace(facts, sessions=_elsewhere(conn, asking.whom, asked["sessions"]))
        facts = _at_endpoint(conn, asking.subject, facts, asked["endpoint"])
        policy = policy_in_force(conn) if before is PRESENT else before.policy
        facts, now = before.facts or facts, before.at or now
    request = Request(_object(policy, str(asked["wanted"] or f"login:{via}")), facts)
    if asking.whom is None:
        explanation = explain_decision(policy, asking.subject, request, now)
    else:
        explanation = explain_user(policy, asking.whom, request, now)
    decision = explanation.decision
    click.echo(asking.called)
    for line in render(explanation, language, app.settings.time_zone, everything=True):
        click.echo(f"  {line}")
    if not decision.permitted and not explanation.remedies:
        click.echo(f"  → {MEANINGS[decision.reason].administrator.to(language)}")
    click.echo(f"  {decision.reason} by policy {policy.revision[:12] if policy else 'none'}")
    for note in before.notes:
        click.echo(f"  ({note.to(language)})")
    if not decision.permitted:
        raise NotPermitted


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who is asked about, what they are called, and how they log in at most doors."""

    subject: Subject
    called: str
    usual: Method
    whom: User | None = None


def _asking(app: App, conn: Connection, text: str, now: float) -> _Asking:
    """Return whom a text means. Raises Refused."""
    if mac_octets(text) is not None:
        return _endpoint(conn, read_mac(text), now)
    realm = _realm_of(app, text)
    if realm:
        return _Asking(
            Subject(0, "", text, realm=realm), f"{text} (visitor of realm {realm})", Method.HOME_SERVER
        )
    whom = person(conn, text)
    subject = subject_of(whom)
    return _Asking(subject, shown(whom), Method.EAP_TTLS_PAP, whom)


def _endpoint(conn: Connection, mac: str, now: float) -> _Asking:
    """Return an endpoint that is registered, and whose registration has not ended. Raises Refused."""
    found = endpoints.endpoint_by_mac(conn, mac)
    if found is None:
        raise Refused(f"{mac} is not registered: it is refused. See: officegate endpoint add {mac}")
    if found.valid_until is not None and found.valid_until <= now:
        raise Refused(
            f"The registration of {mac} ({found.name}) has ended: it is refused."
            f" See: officegate endpoint extend {mac}"
        )
    keys = {each.id: each.key for each in organizations.all_organizations(conn)}
    subject = Subject(0, keys[found.organization_id], mac)
    return _Asking(subject, f"{mac} ({found.name}), owner {found.owner}", Method.MAB)


def _realm_of(app: App, name: str) -> str:
    """Return the other realm that a name belongs to, "" where it is none of [realms]."""
    _, named = split_realm(name)
    found = (
        each.key for each in realms_of(app.settings) if named is not None and folded(named) in each.names
    )
    return next(found, "")


def _object(policy: Policy | None, wanted: str) -> str:
    """Return what was asked for, if there is such a thing. Raises NoSuchObject."""
    known = (*LOGINS, *policy.owners) if policy else (wanted,)
    if wanted not in known:
        meant = get_close_matches(wanted, known, n=3)
        advice = f"Did you mean {' or '.join(meant)}?" if meant else f"There are: {', '.join(known)}."
        raise NoSuchObject(f"The policy in force has no {wanted}. {advice}")
    return wanted


BY_CERTIFICATE = (Method.EAP_TLS, Method.PEAP_EAP_TLS)


def _facts(conn: Connection, asking: _Asking, via: Via, asked: Mapping[str, object], now: float) -> Facts:
    method, medium, whom = asked["method"], asked["medium"], asking.whom
    usual = USUAL_METHOD.get(via, asking.usual) if whom is not None else asking.usual
    known = tokens.summaries_of(conn, whom.id) if whom is not None else ()
    uses = (token.used_at or token.proven_at for token in known)
    last = max((at for at in uses if at is not None), default=None)
    age_s, factor, assurance = asked["code_age"], asked["factor"], asked["assurance"]
    proven = usual_code(now - age_s if isinstance(age_s, float) else last, known)
    certificate = asked["certificate"] or (Certified.PERSONAL if method in BY_CERTIFICATE else None)
    return Facts(
        via=via,
        method=Method(str(method)) if method else usual,
        otp_at=proven.otp_at,
        site=_said(asked["site"]),
        nas_group=_said(asked["nas_group"]),
        ssid=_said(asked["ssid"]) if via is Via.WIRELESS else Absent.DOES_NOT_APPLY,
        medium=Medium(str(medium)) if medium else Absent.UNKNOWN,
        certificate=Certified(str(certificate)) if certificate else Absent.DOES_NOT_APPLY,
        factor=Factor(str(factor)) if factor else proven.factor,
        assurance=Origin(str(assurance)) if assurance else proven.assurance,
        risk=Risk(Level(str(asked["risk"] or Level.LOW))),
        nas_organization=_host(conn, asked["nas_organization"]),
    )


def _elsewhere(conn: Connection, whom: User, asked: object) -> Others:
    """Return on how many other endpoints somebody has sessions: as asked, else those they have now."""
    if isinstance(asked, int):
        return Others(((None, asked),))
    return others((each for each in presences.of_user(conn, whom.id) if not each.leaving), "")


def _at_endpoint(conn: Connection, subject: Subject, facts: Facts, mac: object) -> Facts:
    """Return the facts with the endpoint that somebody uses, and what it is; with MAB it is the subject."""
    if facts.via is Via.PORTAL:
        return replace(facts, endpoint=Absent.DOES_NOT_APPLY)
    spelt = read_mac(str(mac)) if mac else subject.name if facts.method is Method.MAB else ""
    registration = endpoints.registration(conn, spelt) if spelt else None
    certified = inf if facts.certificate is not Absent.DOES_NOT_APPLY else 0.0
    owner = f"{subject.name}@{subject.organization}" if subject.id else ""
    evidence = Evidence(bool(spelt), registration, certified)
    known = endpoint_facts(evidence, subject.organization, owner)
    return replace(facts, endpoint=known, station=station_of(spelt))


def _origin(app: App, via: Via, source: object) -> dict[str, Any]:
    """Return the facts source and country."""
    known = source_of("" if source is None else str(source), via)
    return {"source": known, "country": open_countries(app).of(known)}


def _host(conn: Connection, text: object) -> str | Absent:
    """Return whose the NAS is, where that was said. Raises Refused."""
    known = [each.key for each in organizations.all_organizations(conn)]
    if text and text not in known:
        raise Refused(f"There is no organization {text}. There are: {', '.join(known)}.")
    return str(text) if text else Absent.DOES_NOT_APPLY


def _said(text: object) -> str | Absent:
    return str(text) if text else Absent.UNKNOWN


def policy_in_force(conn: Connection) -> Policy | None:
    """The policy in force with what stands beside it; None before the first."""
    current = policies.current(conn)
    policy = compile(load(current.document)) if current else None
    return standing.beside(conn, rollouts.with_newer(conn, policy))


def _moment(app: App, asked: object) -> float:
    if not isinstance(asked, datetime):
        return app.clock()
    return seconds(asked, app.settings.time_zone)

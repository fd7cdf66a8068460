"""officegate explain: why somebody may or may not, the rules that spoke, and what would help. ◆"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from difflib import get_close_matches
from enum import StrEnum
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, TypeVar

import click

from access.app import App, open_countries
from access.commands.invocation import Invocation, passed
from access.commands.moments import Moment, seconds
from access.commands.person import person, shown
from access.errors import Refused
from access.explaining.question import Answer, NoSuchObject, Question, answer, every_object
from access.explaining.supposed import MOST_SESSIONS, Supposed
from access.logins.risk import Level
from access.model import Bilingual, Certified, Medium, Method, Subject, User, Via
from access.nas.registry import mac_octets, read_mac
from access.people.naming import folded, split_realm
from access.policy.compiled import Policy, compile
from access.policy.document import load
from access.policy.scalars import duration
from access.policy.telling import render
from access.policy.vocabulary import BadValue
from access.proof.factors import Factor, Origin
from access.radius.home_servers import realms_of
from access.store import endpoints, organizations, policies, rollouts, standing
from access.store.database import Connection
from access.store.questions import StoredQuestions
from access.words.reasons import MEANINGS

Word = TypeVar("Word", bound=StrEnum)


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


_BY_POLICY = Bilingual(ko="사유 코드 {0}, 정책 개정 {1}", en="{0} by policy {1}")
_NO_POLICY = Bilingual(ko="없음", en="none")
_VISITOR = Bilingual(ko="{0} (영역 {1}의 방문자)", en="{0} (visitor of realm {1})")
_OWNED = Bilingual(ko="{0} ({1}), 소유자 {2}", en="{0} ({1}), owner {2}")
_MEANT = Bilingual(ko="혹시 {0}입니까?", en="Did you mean {0}?")
_THERE_ARE = Bilingual(ko="정책에 있는 것: {0}.", en="There are: {0}.")
_OR = Bilingual(ko=" 또는 ", en=" or ")


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
@click.option(
    "--object", "wanted", default="", help="network:NAME or vdi:NAME, or all; otherwise the login itself."
)
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
@click.option(
    "--sessions", type=click.IntRange(0, MOST_SESSIONS), help="On how many other endpoints they have some."
)
@click.option("--risk", type=_words(Level), help="How risky the login is; otherwise low.")
@click.option("--at", "moment", type=Moment(), help="At another moment than now, in local time.")
@click.option("--language", type=click.Choice(["ko", "en"]), default="en", show_default=True)
@passed
def explain(invocation: Invocation, /, user: str, via: str, language: str, **asked: Any) -> None:
    """Print the decision about USER (name@organization). Exit status 1 if it is a refusal.

    What no option tells is as USER is known, or unknown. A visitor (name@realm of another realm) is
    taken for somebody whom a home server has accepted. USER may be the MAC address of a registered endpoint.
    """
    app = invocation.app()
    moment = _moment(app, asked["moment"])
    questions = StoredQuestions(
        app.database,
        app.keyring,
        app.clock,
        app.settings.time_zone,
        partial(_policy_in_force, app),
        open_countries(app),
    )
    with app.database.read() as conn:
        asking = _asking(app, conn, user, app.clock() if moment is None else moment)
        supposed = _supposed(conn, asked)
    question = Question(asking.whom, Via(via), str(asked["wanted"]), moment, supposed, last_code=True)
    try:
        told = answer(questions, question, app.clock(), every_object)
    except NoSuchObject as error:
        meant = _meant(question.object, error.known, language)
        raise Refused(f"{error.to(language)} {meant}") from None
    except Refused as error:
        raise Refused(error.to(language)) from None
    click.echo(asking.called.to(language))
    for line in _lines(told, language, app.settings.time_zone):
        click.echo(f"  {line}")
    if not all(each.decision.permitted for each in told.told):
        raise NotPermitted


def _lines(told: Answer, language: str, zone: tzinfo) -> Iterator[str]:
    for explanation in told.told:
        decision = explanation.decision
        yield from render(explanation, language, zone, everything=True)
        if not decision.permitted and not explanation.remedies:
            yield f"→ {MEANINGS[decision.reason].administrator.to(language)}"
        revision = told.revision[:12] or _NO_POLICY.to(language)
        yield _BY_POLICY.to(language).format(decision.reason, revision)
    for note in told.notes:
        yield f"({note.to(language)})"


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who is asked about, and what they are called."""

    whom: User | Subject
    called: Bilingual


def _asking(app: App, conn: Connection, text: str, moment: float) -> _Asking:
    """Return whom a text means. Raises Refused."""
    if mac_octets(text) is not None:
        return _endpoint(conn, read_mac(text), moment)
    realm = _realm_of(app, text)
    if realm:
        return _Asking(Subject(0, "", text, realm=realm), _filled(_VISITOR, text, realm))
    whom = person(conn, text)
    return _Asking(whom, Bilingual(shown(whom), shown(whom)))


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
    return _Asking(subject, _filled(_OWNED, mac, found.name, found.owner))


def _filled(words: Bilingual, *facts: object) -> Bilingual:
    return Bilingual(*(words.to(language).format(*facts) for language in ("ko", "en")))


def _realm_of(app: App, name: str) -> str:
    """Return the other realm that a name belongs to, "" where it is none of [realms]."""
    _, named = split_realm(name)
    found = (
        each.key for each in realms_of(app.settings) if named is not None and folded(named) in each.names
    )
    return next(found, "")


def _meant(wanted: str, known: Sequence[str], language: str) -> str:
    meant = get_close_matches(wanted, known, n=3)
    if meant:
        return _MEANT.to(language).format(_OR.to(language).join(meant))
    return _THERE_ARE.to(language).format(", ".join(known))


def _supposed(conn: Connection, asked: Mapping[str, Any]) -> Supposed:
    """Return what the options tell. Raises Refused."""
    return Supposed(
        method=_one_of(Method, asked["method"]),
        certificate=_one_of(Certified, asked["certificate"]),
        code_age_s=asked["code_age"],
        factor=_one_of(Factor, asked["factor"]),
        assurance=_one_of(Origin, asked["assurance"]),
        site=asked["site"] or "",
        nas_group=asked["nas_group"] or "",
        host=_host(conn, asked["nas_organization"]),
        ssid=asked["ssid"] or "",
        medium=_one_of(Medium, asked["medium"]),
        source=asked["source"],
        mac=read_mac(asked["endpoint"]) if asked["endpoint"] else "",
        sessions=asked["sessions"],
        risk=_one_of(Level, asked["risk"]),
    )


def _one_of(kind: type[Word], text: str | None) -> Word | None:
    return kind(text) if text else None


def _host(conn: Connection, text: str | None) -> str:
    """Return whose the NAS is, where that was said. Raises Refused."""
    known = [each.key for each in organizations.all_organizations(conn)]
    if text and text not in known:
        raise Refused(f"There is no organization {text}. There are: {', '.join(known)}.")
    return text or ""


def policy_in_force(conn: Connection) -> Policy | None:
    """The policy in force with what stands beside it; None before the first."""
    current = policies.current(conn)
    policy = compile(load(current.document)) if current else None
    return standing.beside(conn, rollouts.with_newer(conn, policy))


def _policy_in_force(app: App) -> Policy | None:
    with app.database.read() as conn:
        return policy_in_force(conn)


def _moment(app: App, asked: object) -> float | None:
    return seconds(asked, app.settings.time_zone) if isinstance(asked, datetime) else None

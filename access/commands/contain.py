"""officegate contain: cut off a person, an endpoint, an application or a company; let it back in. ◆"""

from datetime import datetime

import click

from access.app import App, open_standing
from access.commands.company import company
from access.commands.invocation import Invocation, passed
from access.commands.moments import Moment, seconds
from access.commands.operator import operator
from access.commands.person import person
from access.errors import Refused
from access.policy.compiled import compile
from access.policy.document import load
from access.policy.standing import EVERYTHING, Kept
from access.policy.subjects import canonical_mac
from access.rights.containment import By, NotSure, Order, Target, Whom, agree, take_back
from access.rights.containment import contain as contain_now
from access.store import endpoints, organizations, policies
from access.store.database import Connection

WRITER = "command-line"
HOUR_S = 3600.0


@click.group()
def contain() -> None:
    """Cut somebody or something off, at every door and on every live session, within a second."""


def _ordered(whom: Whom, argument: str, words: str) -> None:
    """Add the command for one kind of what can be contained."""

    @contain.command(whom.value, help=words)
    @click.argument("name", metavar=argument)
    @click.option("--reason", required=True, help="Why; whom it stops reads it.")
    @click.option("--until", type=Moment(), help="Until when, in local time.")
    @click.option("--hours", type=click.FloatRange(0.01, 8760), help="For how long, in place of --until.")
    @click.option("--call", default="", help="Whom those concerned may call.")
    @click.option("--ticket", default="", help="Where it was decided.")
    @click.option("--sure", is_flag=True, help="Also where nobody would be left who may run the console.")
    @passed
    def command(
        invocation: Invocation,
        /,
        name: str,
        until: datetime | None,
        hours: float | None,
        sure: bool,
        **said: str,
    ) -> None:
        app = invocation.app()
        now = app.clock()
        with app.database.read() as conn:
            target = _TARGETS[whom](conn, name)
        end = now + hours * HOUR_S if hours else None
        if until is not None:
            end = seconds(until, app.settings.time_zone)
        call = said["call"] or app.settings.policy.security_contact
        order = Order(said["reason"], end, call, said["ticket"], sure)
        try:
            kept = contain_now(open_standing(app, WRITER), _by(), target, order, now)
        except NotSure as error:
            raise Refused(f"{error} Say --sure if that is meant.") from None
        click.echo(f"{kept.rule}: {target.name} is contained. Undo: officegate contain end {kept.id}")
        if whom is Whom.ENDPOINT:
            click.echo(
                "Doors that do not say a MAC address (a VPN without certificates) do not know the endpoint: "
                "contain its owner as well if it could come that way."
            )


@contain.command("list")
@passed
def list_(invocation: Invocation) -> None:
    """List what is contained now, and what waits for a second administrator."""
    app = invocation.app()
    now = app.clock()
    known = open_standing(app, WRITER).containments(now)
    if not known:
        click.echo("Nobody and nothing is contained.")
    for each in known:
        click.echo(_line(app, each, now))


@contain.command("approve")
@click.argument("number", type=int)
@passed
def approve(invocation: Invocation, number: int) -> None:
    """Put in force what one administrator has asked for in the console."""
    app = invocation.app()
    kept = agree(open_standing(app, WRITER), _by(), number, app.clock())
    click.echo(f"{kept.rule} is in force. Undo: officegate contain end {number}")


@contain.command("end")
@click.argument("number", type=int)
@passed
def end(invocation: Invocation, number: int) -> None:
    """Take containment NUMBER back; everything returns that the policy permits."""
    app = invocation.app()
    take_back(open_standing(app, WRITER), _by(), number, app.clock())
    click.echo(f"containment-{number} is over: whoever may, can log in again.")


def _by() -> By:
    return By(operator())


def _person(conn: Connection, name: str) -> Target:
    found = person(conn, name)
    return Target(Whom.USER, f"{found.name}@{found.organization}", found.organization, found.id)


def _endpoint(conn: Connection, text: str) -> Target:
    mac = canonical_mac(text)
    if mac is None:
        raise Refused(f"{text} is no MAC address, like 00:11:22:aa:bb:cc.")
    known = endpoints.endpoint_by_mac(conn, mac.replace(":", "-"))
    keys = {each.id: each.key for each in organizations.all_organizations(conn)}
    return Target(Whom.ENDPOINT, mac, keys[known.organization_id] if known is not None else "")


def _object(conn: Connection, name: str) -> Target:
    version = policies.current(conn)
    owners = compile(load(version.document)).owners if version else {}
    if name not in owners:
        raise Refused(f"The policy in force has no {name}. There are: {', '.join(owners) or 'none'}.")
    return Target(Whom.OBJECT, name, owners[name])


def _organization(conn: Connection, name: str) -> Target:
    key = company(conn, name).key
    return Target(Whom.ORGANIZATION, key, key)


_TARGETS = {
    Whom.USER: _person,
    Whom.ENDPOINT: _endpoint,
    Whom.OBJECT: _object,
    Whom.ORGANIZATION: _organization,
}

_ordered(Whom.USER, "USER", "Contain a person: no login, no page, no session, whatever rule permits it.")
_ordered(Whom.ENDPOINT, "MAC", "Contain an endpoint by its MAC address, whoever sits at it.")
_ordered(Whom.OBJECT, "OBJECT", "Close an application to everybody: network:NAME or vdi:NAME.")
_ordered(Whom.ORGANIZATION, "ORGANIZATION", "Contain everybody and everything of a company.")


def _line(app: App, row: Kept, now: float) -> str:
    kept = row.standing
    about = " ".join(kept.objects if EVERYTHING not in kept.objects else kept.who)
    state = f"until {_moment(app, kept.until)}" if kept.until else "until taken back"
    if row.waits(now):
        state = "waits for another administrator"
    by = f"by {kept.approved_by}, call {kept.owner}: {kept.reason}"
    return f"{kept.id}  {about}  since {_moment(app, row.created_at)}  {state}  {by}"


def _moment(app: App, at: float) -> str:
    return f"{datetime.fromtimestamp(at, app.settings.time_zone):%Y-%m-%d %H:%M:%S}"

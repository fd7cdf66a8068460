"""officegate access: rights for a while, asked for by people and granted by owners. ◆"""

from datetime import datetime

import click

from access.app import App, open_standing
from access.commands.explain import policy_in_force
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.commands.person import person
from access.errors import Refused
from access.model import User
from access.policy.standing import Kept
from access.rights.temporary_access import By, Desk, Wish, ask, deciders, zone_notes
from access.rights.temporary_access import approve as approve_now
from access.rights.temporary_access import extend as extend_now
from access.rights.temporary_access import refuse as refuse_now
from access.rights.temporary_access import revoke as revoke_now
from access.rights.zone_outlook import only_by

WRITER = "command-line"
HOUR_S = 3600.0


@click.group()
def access() -> None:
    """Rights for a while: asked for by people, granted by owners, ended by the clock."""


@access.command("request")
@click.argument("user")
@click.argument("object_", metavar="OBJECT")
@click.option("--reason", required=True, help="Why.")
@click.option("--hours", type=click.FloatRange(0.02, 8760), required=True, help="For how long.")
@click.option("--purpose", default="", help="For what, where the owner wants to know.")
@click.option("--endpoint", default="", help="The MAC address of the endpoint it is for.")
@click.option("--ticket", default="", help="Where it was decided.")
@passed
def request(invocation: Invocation, /, user: str, object_: str, hours: float, **said: str) -> None:
    """Ask for OBJECT (network:NAME or vdi:NAME) on behalf of USER."""
    app = invocation.app()
    with app.database.read() as conn:
        whom = person(conn, user)
    wish = Wish(object_, said["reason"], hours * HOUR_S, said["purpose"], said["endpoint"], said["ticket"])
    kept = ask(_desk(app), whom, wish)
    _show_who_decides(app, whom, kept)


@access.command("list")
@passed
def list_(invocation: Invocation) -> None:
    """List what is granted now, and what waits to be decided."""
    app = invocation.app()
    now = app.clock()
    known = open_standing(app, WRITER).open_grants(now)
    if not known:
        click.echo("Nothing is granted for a while, and nothing waits.")
    for each in known:
        click.echo(_line(app, each, now))


@access.command()
@click.argument("number", type=int)
@passed
def approve(invocation: Invocation, number: int) -> None:
    """Grant what was asked for under NUMBER."""
    app = invocation.app()
    granted = approve_now(_desk(app), By(operator()), number)
    doors = f", {limited}" if (limited := only_by(granted.doors, "en")) else ""
    click.echo(f"Granted until {_moment(app, granted.until)}{doors}.")


@access.command()
@click.argument("number", type=int)
@click.option("--why", default="", help="What the person is told.")
@passed
def refuse(invocation: Invocation, number: int, why: str) -> None:
    """Refuse what was asked for under NUMBER."""
    app = invocation.app()
    refuse_now(_desk(app), By(operator()), number, why)
    click.echo("Refused; the person is told.")


@access.command()
@click.argument("number", type=int)
@click.option("--hours", type=click.FloatRange(0.02, 8760), required=True, help="For how much longer.")
@click.option("--reason", required=True, help="Why.")
@passed
def extend(invocation: Invocation, number: int, hours: float, reason: str) -> None:
    """Ask to have grant NUMBER for longer, on behalf of whoever has it."""
    app = invocation.app()
    desk = _desk(app)
    known = desk.ports.grant(number)
    whom = desk.ports.person(known.user_id) if known is not None and known.user_id is not None else None
    if whom is None:
        raise Refused(f"There is no grant {number}. See: officegate access list")
    kept = extend_now(desk, whom, number, hours * HOUR_S, reason)
    _show_who_decides(app, whom, kept)


@access.command()
@click.argument("number", type=int)
@passed
def revoke(invocation: Invocation, number: int) -> None:
    """End grant NUMBER at once, or take back what was asked for."""
    app = invocation.app()
    revoke_now(_desk(app), By(operator()), number)
    click.echo(f"{number} is over.")


def _show_who_decides(app: App, user: User, kept: Kept) -> None:
    rule = kept.standing
    owners = ", ".join(
        f"{each.name}@{each.organization}" for each in deciders(_desk(app), user, rule.objects[0])
    )
    nobody = f"none of its owners ({rule.owner}) can decide; you can: officegate access approve {rule.id}"
    click.echo(f"{rule.id}: {f'waits for {owners}' if owners else nobody}")
    for note in filter(None, zone_notes(_desk(app), [kept], "en", to_owner=False).values()):
        click.echo(note)


def _desk(app: App) -> Desk:
    with app.database.read() as conn:
        policy = policy_in_force(conn)
    return Desk(open_standing(app, WRITER), policy, app.clock(), asker=operator())


def _line(app: App, kept: Kept, now: float) -> str:
    rule = kept.standing
    state = f"until {_moment(app, rule.until)} by {rule.approved_by}" if rule.until else "granted"
    if kept.waits(now):
        hours = (kept.lasts_s or 0.0) / HOUR_S
        longer = f" longer, for {kept.extends}" if kept.extends else ""
        state = f"asked for {hours:g} h{longer}, waits for {rule.owner}"
    at = f" at {rule.endpoint}" if rule.endpoint else ""
    at += f" {limited}" if (limited := only_by(rule.doors, "en")) else ""
    why = ", ".join(each for each in (rule.reason, rule.purpose, rule.ticket) if each)
    return f"{rule.id}  {rule.objects[0]}  {rule.whom}{at}  {state}: {why}"


def _moment(app: App, at: float) -> str:
    return f"{datetime.fromtimestamp(at, app.settings.time_zone):%Y-%m-%d %H:%M:%S}"

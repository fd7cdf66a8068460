"""officegate endpoint: what logs in by its MAC address, with an owner and an end. ◆"""

from datetime import datetime
from typing import Any, TextIO

import click

from access.app import App
from access.commands.company import company
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.commands.person import person
from access.errors import Refused
from access.nas.endpoint_lists import read_endpoints
from access.nas.registry import Endpoint, check_name, read_mac
from access.store import endpoints
from access.store.endpoint_desk import StoredEndpoints

WRITER = "command-line"
DAY_S = 86400.0


@click.group()
def endpoint() -> None:
    """Printers, telephones and other things that log in by their MAC address."""


@endpoint.command()
@click.argument("mac")
@click.option("--organization", required=True)
@click.option("--name", required=True, help="What it is and where it stands.")
@click.option("--owner", required=True, help="Who answers for it, as name@organization.")
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="Until it ends.")
@click.option("--phone", is_flag=True, help="A telephone: its port is never bounced.")
@click.option("--managed", is_flag=True, help="The company manages it: the policy may ask for that.")
@passed
def add(invocation: Invocation, /, mac: str, organization: str, days: int, **described: Any) -> None:
    """Let the endpoint with this MAC address log in, as far as the policy permits it."""
    app = invocation.app()
    now = app.clock()
    with app.database.read() as conn:
        owned_by = company(conn, organization).id
        owner = person(conn, described["owner"])
    owner_name, name = f"{owner.name}@{owner.organization}", check_name(described["name"])
    until = now + days * DAY_S
    wanted = Endpoint(
        0,
        owned_by,
        read_mac(mac),
        name,
        owner_name,
        until,
        phone=described["phone"],
        managed=described["managed"],
    )
    new = _desk(app).register(wanted, operator(), now)
    click.echo(f"{new.mac} ({new.name}) may log in until {_day(app, new.valid_until)}.")


@endpoint.command("list")
@passed
def list_(invocation: Invocation) -> None:
    """List every registered endpoint."""
    app = invocation.app()
    with app.database.read() as conn:
        known = endpoints.all_endpoints(conn)
        nobodys = endpoints.unanswered(conn, app.clock())
    if not known:
        click.echo("No endpoint is registered yet. Add one: officegate endpoint add MAC ...")
    for each in known:
        mark = "  managed" if each.managed else ""
        mark += "  nobody answers for it" if each.id in nobodys else ""
        click.echo(f"{each.mac}  {each.name}  owner {each.owner}  until {_day(app, each.valid_until)}{mark}")


@endpoint.command()
@click.argument("mac")
@click.option("--days", type=click.IntRange(1, 3650), required=True, help="From today until it ends.")
@passed
def extend(invocation: Invocation, mac: str, days: int) -> None:
    """Change until when the endpoint with this MAC address may log in."""
    app = invocation.app()
    now, known = app.clock(), _known(app, mac)
    until = now + days * DAY_S
    _desk(app).extend(known.mac, known.organization_id, until, operator(), now)
    click.echo(f"{known.mac} ({known.name}) may log in until {_day(app, until)}.")


@endpoint.command()
@click.argument("mac")
@passed
def remove(invocation: Invocation, mac: str) -> None:
    """Let the endpoint with this MAC address log in no more."""
    app = invocation.app()
    known = _known(app, mac)
    _desk(app).remove(known.mac, known.organization_id, operator(), app.clock())
    click.echo(f"{known.mac} may not log in any more.")


@endpoint.command()
@click.argument("mac")
@click.argument("user")
@passed
def owner(invocation: Invocation, mac: str, user: str) -> None:
    """Have USER answer for the endpoint with this MAC address from now on."""
    app = invocation.app()
    known = _known(app, mac)
    _desk(app).give(known.mac, known.organization_id, user, operator(), app.clock())
    click.echo(f"{user} answers for {known.mac} ({known.name}).")


@endpoint.command()
@click.argument("mac")
@click.option("--no-longer", is_flag=True, help="The company manages it no longer.")
@passed
def manage(invocation: Invocation, mac: str, no_longer: bool) -> None:
    """Say that the company manages the endpoint with this MAC address; the policy may ask for that."""
    app = invocation.app()
    known = _known(app, mac)
    _desk(app).manage(known.mac, known.organization_id, not no_longer, operator(), app.clock())
    click.echo(f"{known.mac} ({known.name}) is {'no longer ' if no_longer else ''}managed by the company.")


@endpoint.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@click.option("--organization", required=True)
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="Until they end.")
@passed
def import_(invocation: Invocation, file: TextIO, organization: str, days: int) -> None:
    """Register the endpoints in FILE: lines of mac,name,owner,managed below such a heading.

    One that is registered already keeps its name and owner, if it has one; its end and its mark are set anew.
    """
    app = invocation.app()
    with app.database.read() as conn:
        owned_by = company(conn, organization)
    now = app.clock()
    listed = read_endpoints(file, owned_by.id, owned_by.key, now + days * DAY_S)
    new = _desk(app).take_over(listed, operator(), now)
    click.echo(f"{len(listed)} endpoints, {new} of them new.")


def _known(app: App, mac: str) -> Endpoint:
    with app.database.read() as conn:
        known = endpoints.endpoint_by_mac(conn, read_mac(mac))
    if known is None:
        raise Refused(f"No endpoint {mac} is registered. See: officegate endpoint list")
    return known


def _desk(app: App) -> StoredEndpoints:
    return StoredEndpoints(app.database, app.keyring, app.random, WRITER)


def _day(app: App, at: float | None) -> str:
    return datetime.fromtimestamp(at, app.settings.time_zone).date().isoformat() if at else "further notice"

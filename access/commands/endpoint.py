"""officegate endpoint: what logs in by its MAC address, with an owner and an end. ◆"""

from datetime import datetime
from getpass import getuser

import click

from access.app import App
from access.audit import AuditEntry
from access.commands.company import company
from access.commands.invocation import Invocation, passed
from access.commands.person import person
from access.errors import Refused
from access.registry import Endpoint, check_name, read_mac
from access.store import audit, endpoints
from access.store.database import Connection

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
@passed
def add(invocation: Invocation, /, mac: str, organization: str, days: int, **described: str) -> None:
    """Let the endpoint with this MAC address log in, as far as the policy permits it."""
    app = invocation.app()
    now = app.clock()
    with app.database.write() as conn:
        owned_by = company(conn, organization).id
        until = now + days * DAY_S
        new = Endpoint(
            0, owned_by, read_mac(mac), check_name(described["name"]), _owner(conn, described["owner"]), until
        )
        endpoints.add(conn, new, now)
        audit.record(conn, WRITER, _entry("ENDPOINT_ADDED", new, now), app.keyring, app.random)
    click.echo(f"{new.mac} ({new.name}) may log in until {_day(app, new.valid_until)}.")


@endpoint.command("list")
@passed
def list_(invocation: Invocation) -> None:
    """List every registered endpoint."""
    app = invocation.app()
    with app.database.read() as conn:
        known = endpoints.all_endpoints(conn)
    if not known:
        click.echo("No endpoint is registered yet. Add one: officegate endpoint add MAC ...")
    for each in known:
        click.echo(f"{each.mac}  {each.name}  owner {each.owner}  until {_day(app, each.valid_until)}")


@endpoint.command()
@click.argument("mac")
@passed
def remove(invocation: Invocation, mac: str) -> None:
    """Let the endpoint with this MAC address log in no more."""
    app = invocation.app()
    now = app.clock()
    with app.database.write() as conn:
        known = endpoints.endpoint_by_mac(conn, read_mac(mac))
        if known is None:
            raise Refused(f"No endpoint {mac} is registered. See: officegate endpoint list")
        endpoints.remove(conn, known, now)
        audit.record(conn, WRITER, _entry("ENDPOINT_REMOVED", known, now), app.keyring, app.random)
    click.echo(f"{known.mac} may not log in any more.")


def _owner(conn: Connection, text: str) -> str:
    """Return who answers for it as name@organization: somebody who is here. Raises Refused."""
    owner = person(conn, text)
    name = f"{owner.name}@{owner.organization}"
    if not owner.enabled:
        raise Refused(f"{name} is disabled in the directory: name somebody who can answer for it.")
    return name


def _entry(reason: str, known: Endpoint, now: float) -> AuditEntry:
    detail = {
        "mac": known.mac,
        "name": known.name,
        "owner": known.owner,
        "by": f"{getuser()} at the command line",
    }
    return AuditEntry("endpoint", now, reason, known.organization_id, detail=detail)


def _day(app: App, at: float | None) -> str:
    return datetime.fromtimestamp(at, app.settings.time_zone).date().isoformat() if at else "further notice"

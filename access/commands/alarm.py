"""officegate alarm: what somebody has to look at. ◆"""

from datetime import datetime

import click

from access.app import App
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.errors import Refused
from access.records.alarms import MEANINGS, AlarmLine
from access.store import alarms
from access.store.alarms import StoredAlarms

WRITER = "command-line"


@click.group()
def alarm() -> None:
    """What somebody has to look at, until somebody has."""


@alarm.command("list")
@click.option(
    "--cleared", type=click.IntRange(0, 1000), default=0, help="Also so many of those cleared last."
)
@passed
def list_(invocation: Invocation, cleared: int) -> None:
    """List the open alarms, the newest first."""
    app = invocation.app()
    with app.database.read() as conn:
        known = alarms.listed(conn, cleared=cleared)
    if not known:
        click.echo("No alarm is open.")
    for each in known:
        click.echo(_line(app, each))


@alarm.command()
@click.argument("number", type=int)
@passed
def clear(invocation: Invocation, number: int) -> None:
    """Clear the alarm NUMBER; it comes back if it happens again."""
    app = invocation.app()
    with app.database.write() as conn:
        stored = StoredAlarms(conn, app.keyring, app.random, WRITER)
        cleared = stored.clear_by_id(number, app.clock(), operator())
    if cleared is None:
        raise Refused(f"No alarm {number} is open. See: officegate alarm list")
    click.echo(f"Cleared: {cleared.kind} {cleared.subject}")


def _line(app: App, each: AlarmLine) -> str:
    advice = MEANINGS.get(each.kind)
    title = advice.title.en if advice else each.kind
    times = f"since {_time(app, each.began)}, {each.count} times, last {_time(app, each.last)}"
    over = f"; cleared {_time(app, each.cleared_at)} {each.cleared_by}".rstrip() if each.cleared_at else ""
    note = f": {each.note}" if each.note else ""
    return f"{each.id}  {each.subject}  {title}{note} ({times}{over})"


def _time(app: App, at: float) -> str:
    return datetime.fromtimestamp(at, app.settings.time_zone).isoformat(sep=" ", timespec="seconds")

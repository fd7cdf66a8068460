"""officegate journal: what the RADIUS workers have written and the database does not have yet. ◆"""

from datetime import datetime

import click

from access.app import radius_status
from access.commands.invocation import Invocation, passed
from access.config import Settings


@click.group()
def journal() -> None:
    """What waits to be loaded into the database."""


@journal.command()
@passed
def show(invocation: Invocation) -> int:
    """Show what waits on this machine; the database is not asked. Status 1 where it cannot be loaded."""
    settings = invocation.settings
    backlog = radius_status(settings).backlog
    if backlog.records:
        oldest = "" if backlog.oldest_at is None else f", the oldest of {_time(settings, backlog.oldest_at)}"
        click.echo(f"{backlog.records} records in {backlog.octets} octets wait{oldest}")
    else:
        click.echo("Nothing waits.")
    heard = "never" if backlog.at is None else _time(settings, backlog.at)
    click.echo(f"The loader was last heard: {heard}")
    if backlog.failing_since is None:
        return 0
    click.echo(f"It cannot load since {_time(settings, backlog.failing_since)}: {backlog.why}")
    return 1


def _time(settings: Settings, at: float) -> str:
    return datetime.fromtimestamp(at, settings.time_zone).isoformat(sep=" ", timespec="seconds")

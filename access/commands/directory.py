"""officegate directory: follow, test, sync now, show how each is doing, decide about what vanishes. ◆"""

import signal
import threading
from zoneinfo import ZoneInfo

import click

from access import directoryd, lifeline
from access.app import App
from access.commands.directory_asking import (
    approved,
    awaited,
    chosen,
    desk,
    directory_named,
    outcome_of,
    time_of,
)
from access.commands.directory_runs import runs, undo
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.directory.errors import DirectoryError
from access.directory.fuse import What
from access.directory.settings import DirectorySettings
from access.directory.trial import Mark, try_steps
from access.directoryd import Asked
from access.errors import Refused
from access.model import MAIN, Organization, directory_key
from access.store import directories, organizations
from access.store.directories import DirectoryStatus, SyncAnswer, SyncRequest
from access.store.leads import FollowedElsewhere

SAYS = {
    What.PERSON: "would vanish",
    What.GROUP: "would vanish, a group",
    What.MEMBERSHIP: "would no longer be in {more}",
    What.NAME: "would be called {more}",
    What.WITHHELD: "would be in {more} again",
    What.UNWANTED: "would be added again",
    What.ATTRIBUTE: "would lose {more}",
}


class Failed(click.ClickException):
    """At least one directory does not do what it should; the lines before say which and why."""

    exit_code = 1


@click.group()
def directory() -> None:
    """The directories that people and groups come from."""


@directory.command()
@passed
def run(invocation: Invocation) -> None:
    """Follow every directory until told to stop. `officegate run` starts this by itself."""
    lifeline.die_with_parent()
    app = invocation.app()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    lifeline.ready()
    directoryd.run(app, stop)


@directory.command()
@click.argument("organization", required=False)
@passed
def test(invocation: Invocation, organization: str | None) -> None:
    """Try each step: connect, TLS, bind, people, groups. Says which one fails, and what to change."""
    configured = invocation.settings.organizations
    failed = []
    for key, name in chosen(configured, organization):
        settings, called = configured[key].directories[name], directory_key(key, name)
        click.echo(f"{called}: {settings.url}")
        if not _try_steps(settings):
            failed.append(called)
    if failed:
        raise Failed(f"the directory of {', '.join(failed)} is not usable")


@directory.command()
@click.argument("organization", required=False)
@click.option("--accept-mass-change", is_flag=True, help="Believe a reading in which very many vanish.")
@passed
def sync(invocation: Invocation, organization: str | None, accept_mass_change: bool) -> None:
    """Read everything now, whether or not a directory process is running."""
    app = invocation.app()
    if accept_mass_change and organization is None:
        raise click.UsageError("--accept-mass-change goes with one ORGANIZATION")
    with app.database.read() as conn:
        known = {each.key: each for each in organizations.all_organizations(conn)}
    failed = []
    asked = chosen(app.settings.organizations, organization)
    if accept_mass_change and len(asked) > 1:
        raise click.UsageError("--accept-mass-change goes with one directory: ORGANIZATION/NAME")
    for key, name in asked:
        done, text = _sync(app, known[key], accept_mass_change, name)
        called = directory_key(key, name)
        click.echo(f"{called}: {text}")
        if not done:
            failed.append(called)
    if failed:
        raise Failed(f"the directory of {', '.join(failed)} was not synced")


@directory.command()
@click.argument("organization", required=False)
@passed
def show(invocation: Invocation, organization: str | None) -> None:
    """Show when each directory was last in step, and what is wrong with it."""
    app = invocation.app()
    only = None if organization is None else chosen(app.settings.organizations, organization)
    with app.database.read() as conn:
        for status in directories.statuses(conn):
            if only is None or status.organization in {directory_key(*each) for each in only}:
                click.echo(line(status, app.settings.time_zone))


@directory.command()
@click.argument("organization")
@passed
def difference(invocation: Invocation, organization: str) -> None:
    """Show by name what is kept although the directory of ORGANIZATION says otherwise."""
    app = invocation.app()
    lines = desk(app).difference(*directory_named(app, organization))
    if not lines:
        click.echo(f"{organization}: nothing waits for anybody to look at it.")
    for each in lines:
        shown = f"{each.name} ({each.display_name})" if each.display_name else each.name
        rejected = f"; kept by decision of {each.rejected_by}" if each.rejected_by else ""
        since = time_of(each.since, app.settings.time_zone)
        click.echo(f"{shown} {SAYS[What(each.what)].format(more=each.more)} (since {since}{rejected})")


@directory.command()
@click.argument("organization")
@passed
def approve(invocation: Invocation, organization: str) -> None:
    """Believe exactly what `officegate directory difference ORGANIZATION` shows."""
    app = invocation.app()
    done, text = approved(app, *directory_named(app, organization))
    click.echo(f"{organization}: {text}")
    if not done:
        raise Failed(f"the directory of {organization} still wants somebody to look at it")


@directory.command()
@click.argument("organization")
@passed
def reject(invocation: Invocation, organization: str) -> None:
    """Keep what `officegate directory difference ORGANIZATION` shows until the directory shows it again."""
    app = invocation.app()
    company, name = directory_named(app, organization)
    kept = desk(app).reject(company, operator(), name)
    if not kept:
        raise Refused(f"Nothing of {organization} waits. See: officegate directory show")
    click.echo(f"{organization}: {kept:,} lines stay as they are.")


def _sync(app: App, organization: Organization, accept: bool, name: str = MAIN) -> tuple[bool, str]:
    """Return whether it was done, and what to say. A running directory process is asked to do it."""
    try:
        outcome = directoryd.sync_once(app, organization, accept, Asked(name, by=operator()))
    except FollowedElsewhere:
        answer = _ask(app, directory_key(organization.key, name), accept)
        return answer.done, answer.text
    except DirectoryError as error:
        return False, str(error)
    return outcome_of(outcome)


def _ask(app: App, key: str, accept: bool) -> SyncAnswer:
    request = SyncRequest(app.clock(), accept, by=operator())
    with app.database.write() as conn:
        directories.put_request(conn, key, request)
    return awaited(app, key, request)


def _try_steps(settings: DirectorySettings) -> bool:
    """Print a line for each step; return whether all of them worked."""
    worked = True
    for step in try_steps(settings):
        worked = worked and step.mark is not Mark.FAIL
        click.echo(f"  {step.mark:<4} {step.name:<8} {step.text}")
    return worked


def line(status: DirectoryStatus, zone: ZoneInfo) -> str:
    """Return what `officegate directory show` says of one."""
    in_step = f"in step at {time_of(status.synced_at, zone)}" if status.synced_at else "never in step"
    if status.failure is None or status.failed_at is None:
        where = f"{status.url}; {status.watermark}" if status.watermark else status.url
        return f"{status.organization}: {in_step} ({where})"
    return (
        f"{status.organization}: FAILING since {time_of(status.failed_at, zone)}, {in_step}: {status.failure}"
    )


directory.add_command(runs)
directory.add_command(undo)

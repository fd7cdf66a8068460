"""officegate directory: follow, test a connection step by step, sync now, show how each is doing. ◆"""

import signal
import threading
import time
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from access import directoryd, lifeline
from access.app import App
from access.commands.invocation import Invocation, passed
from access.directory.errors import DirectoryError
from access.directory.settings import DirectorySettings
from access.directory.trial import Mark, try_steps
from access.model import Organization
from access.store import directories, organizations
from access.store.directories import DirectoryStatus, SyncAnswer, SyncRequest
from access.store.leads import FollowedElsewhere

ANSWER_WITHIN_S = 120.0
LOOK_EVERY_S = 0.2


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
    for key in _chosen(configured, organization):
        click.echo(f"{key}: {configured[key].directory.url}")
        if not _try_steps(configured[key].directory):
            failed.append(key)
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
    for key in _chosen(app.settings.organizations, organization):
        done, text = _sync(app, known[key], accept_mass_change)
        click.echo(f"{key}: {text}")
        if not done:
            failed.append(key)
    if failed:
        raise Failed(f"the directory of {', '.join(failed)} was not synced")


@directory.command()
@passed
def show(invocation: Invocation) -> None:
    """Show when each directory was last in step, and what is wrong with it."""
    app = invocation.app()
    with app.database.read() as conn:
        for status in directories.statuses(conn):
            click.echo(line(status, app.settings.time_zone))


def _chosen(configured: Iterable[str], organization: str | None) -> list[str]:
    keys = list(configured)
    if organization is None:
        return keys
    if organization not in keys:
        raise click.UsageError(f"there is no organization {organization}; there are: {', '.join(keys)}")
    return [organization]


def _sync(app: App, organization: Organization, accept: bool) -> tuple[bool, str]:
    """Return whether it was done, and what to say. A running directory process is asked to do it."""
    try:
        outcome = directoryd.sync_once(app, organization, accept)
    except FollowedElsewhere:
        answer = _ask(app, organization, accept)
        return answer.done, answer.text
    except DirectoryError as error:
        return False, str(error)
    return not outcome.failure, directoryd.sentence(outcome)


def _ask(app: App, organization: Organization, accept: bool) -> SyncAnswer:
    request = SyncRequest(app.clock(), accept)
    with app.database.write() as conn:
        directories.put_request(conn, organization.key, request)
    deadline = time.monotonic() + ANSWER_WITHIN_S
    while time.monotonic() < deadline:
        with app.database.read() as conn:
            answer = directories.answer(conn, organization.key, request.at)
        if answer is not None:
            return answer
        time.sleep(LOOK_EVERY_S)
    return SyncAnswer(request.at, False, "the directory process does not answer; look at its log")


def _try_steps(settings: DirectorySettings) -> bool:
    """Print a line for each step; return whether all of them worked."""
    worked = True
    for step in try_steps(settings):
        worked = worked and step.mark is not Mark.FAIL
        click.echo(f"  {step.mark:<4} {step.name:<8} {step.text}")
    return worked


def line(status: DirectoryStatus, zone: ZoneInfo) -> str:
    """Return what `officegate directory show` says of one."""
    in_step = f"in step at {_time(status.synced_at, zone)}" if status.synced_at else "never in step"
    if status.failure is None or status.failed_at is None:
        where = f"{status.url}; {status.watermark}" if status.watermark else status.url
        return f"{status.organization}: {in_step} ({where})"
    return (
        f"{status.organization}: FAILING since {_time(status.failed_at, zone)}, {in_step}: {status.failure}"
    )


def _time(at: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")

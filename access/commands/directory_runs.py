"""officegate directory runs and undo: what readings changed, and putting that back. ◆"""

from collections.abc import Mapping

import click

from access import directoryd
from access.app import App
from access.commands.directory_asking import (
    WRITER,
    approved,
    awaited,
    chosen,
    organization_named,
    time_of,
)
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.directory.runs import Undoing
from access.directory.runs import undo as undoing_of
from access.errors import Refused
from access.records.audit import AuditEntry
from access.store import audit, directories
from access.store import runs as stored
from access.store.directories import SyncRequest
from access.store.directory_desk import KIND
from access.store.leads import FollowedElsewhere
from access.store.runs import Run

MOST_SHOWN = 20


@click.command()
@click.argument("organization", required=False)
@passed
def runs(invocation: Invocation, organization: str | None) -> None:
    """List the readings that changed anything, the newest first."""
    app = invocation.app()
    key, slash, name = (organization or "").partition("/")
    if organization is not None:
        chosen(app.settings.organizations, organization)
    with app.database.read() as conn:
        known = stored.listed(conn, key or None, directory=name if slash else None)
    if not known:
        click.echo("No reading of the last thirty days changed anything.")
    for each in known:
        click.echo(_line(app, each))


@click.command()
@click.argument("run", type=int)
@click.option("--dry-run", is_flag=True, help="Only say what would be put back.")
@click.option("--release", is_flag=True, help="Let the next reading do again what undoing took back.")
@passed
def undo(invocation: Invocation, run: int, dry_run: bool, release: bool) -> None:
    """Put people and memberships back as they were before RUN; the next reading does not do it again."""
    app = invocation.app()
    with app.database.read() as conn:
        known = stored.by_id(conn, run)
    if known is None:
        raise Refused(f"There is no run {run}, or no more. See: officegate directory runs")
    if release:
        _, text = approved(app, organization_named(app, known.organization), known.directory)
        click.echo(f"{known.subject}: {text}")
        return
    if known.kind == "first":
        raise Refused(f"Run {run} was the first of {known.subject}: there is nothing before it.")
    if known.undone_at is not None:
        raise Refused(f"Run {run} was undone already, by {known.undone_by}.")
    _show(app, known)
    if not dry_run:
        click.echo(f"{known.subject}: {_undone(app, known)}".rstrip())


def _undone(app: App, run: Run) -> str:
    company, by, now = organization_named(app, run.organization), operator(), app.clock()
    with app.database.write() as conn:
        detail = {"what": "directory.undone", "run": run.id, "by": by}
        entry = AuditEntry(KIND, now, organization_id=company.id, detail=detail)
        audit.record(conn, WRITER, entry, app.keyring, app.random)
    try:
        return directoryd.undo_once(app, company, run, by)
    except FollowedElsewhere:
        request = SyncRequest(now, undo=run.id, by=by)
        with app.database.write() as conn:
            directories.put_request(conn, run.subject, request)
        return awaited(app, run.subject, request).text


def _show(app: App, run: Run) -> None:
    """Print by name what undoing puts back, and whom it leaves alone."""
    with app.database.read() as conn:
        undoing = undoing_of(stored.changes(conn, run.id), stored.there(conn, run))
        names = stored.names_of(conn, run.organization_id, _everybody(undoing))
    for uuids, what in ((undoing.back, "comes back"), (undoing.away, "goes again")):
        for uuid in sorted(uuids)[:MOST_SHOWN]:
            click.echo(f"{names.get(uuid, uuid)} {what}")
    _show_groups(names, undoing.joining, "in again")
    _show_groups(names, undoing.leaving, "out again")
    for uuid, why in undoing.alone[:MOST_SHOWN]:
        click.echo(f"{names.get(uuid, uuid)} is left alone: {why}")


def _show_groups(names: Mapping[str, str], groups: Mapping[str, frozenset[str]], what: str) -> None:
    for uuid in sorted(groups)[:MOST_SHOWN]:
        click.echo(f"{names.get(uuid, uuid)}: {len(groups[uuid])} groups, {what}")


def _everybody(undoing: Undoing) -> set[str]:
    alone = {uuid for uuid, _ in undoing.alone}
    return {*undoing.back, *undoing.away, *undoing.joining, *undoing.leaving, *alone}


def _line(app: App, run: Run) -> str:
    counts = ", ".join(f"{many:,} {what}" for what, many in run.counts.items()) or "groups only"
    by = f"; asked for by {run.by}" if run.by else ""
    zone = app.settings.time_zone
    undone = f"; undone {time_of(run.undone_at, zone)} by {run.undone_by}" if run.undone_at else ""
    broken = "" if run.ended is not None else "; broken off"
    return f"{run.id}  {run.subject}  {time_of(run.began, zone)}  {run.kind}: {counts}{by}{broken}{undone}"

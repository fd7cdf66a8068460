"""officegate audit export | prune | erase: what leaves the record, and how. ◆"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from access.app import App, audit_keeper
from access.commands.invocation import Invocation, passed
from access.commands.moments import Moment, seconds
from access.commands.operator import operator
from access.commands.person import person, shown
from access.errors import Refused
from access.records.audit import AuditEntry
from access.records.audit_line import as_json
from access.store import audit as rows
from access.store import audit_keeping, audit_reading, person_keys
from access.store.audit_pruning import Outdated
from access.store.audit_reading import Stretch
from access.store.database import Connection

WRITER = "command-line"


@click.command()
@click.option("--organization", help="Of one organization alone, by its key.")
@click.option("--since", type=Moment(), help="From this moment on, like 2026-11-03T14:20.")
@click.option("--until", type=Moment(), help="Before this moment.")
@click.option("--proof", is_flag=True, help="With the octets that each hash was computed over.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Into this new file.")
@passed
def export(invocation: Invocation, /, organization: str | None, output: Path | None, **asked: object) -> None:
    """Print sealed records as lines of JSON, each chain in its order. The audit says that it was done."""
    app = invocation.app()
    with app.database.read() as conn:
        names = audit_reading.chains(conn)
    if organization is not None:
        names = {id_: name for id_, name in names.items() if name == organization}
        if not names:
            raise Refused(f"No organization {organization!r}. See the configuration for their keys.")
    lines = _lines(app, names, _seconds(app, asked["since"]), _seconds(app, asked["until"]), asked)
    _note(app, {"what": "audit.exported", "organizations": sorted(filter(None, names.values()))})
    if output is None:
        for line in lines:
            click.echo(line)
        return
    click.echo(f"{_into(output, lines)} records in {output}", err=True)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@passed
def prune(invocation: Invocation, dry_run: bool) -> None:
    """Take away the records that are older than they are kept. The chain still verifies."""
    app = invocation.app()
    keeper = audit_keeper(app, WRITER)
    now = app.clock()
    gone = keeper.outdated(now) if dry_run else keeper.prune(now, operator())
    with app.database.read() as conn:
        names = audit_keeping.names_of(conn)
    for each in gone:
        click.echo(_pruned(app, names[each.organization_id], each, dry_run))
    if not gone:
        click.echo("Nothing is older than it is kept.")


@click.command()
@click.argument("user", metavar="USER")
@click.option("--yes", is_flag=True, help="Do not ask.")
@passed
def erase(invocation: Invocation, user: str, yes: bool) -> None:
    """Destroy the key that the records about USER are sealed under: nobody can read them any more."""
    app = invocation.app()
    with app.database.read() as conn:
        meant = person(conn, user)
    if not yes:
        click.confirm(f"Make all that is recorded about {shown(meant)} unreadable, for ever?", abort=True)
    with app.database.write() as conn:
        destroyed = person_keys.destroy(conn, meant.id, app.clock())
        if destroyed:
            _record(
                conn, app, {"what": "audit.erased", "user_id": meant.id, "by": operator()}, meant.organization
            )
    if not destroyed:
        raise Refused(f"Nothing is recorded about {shown(meant)}, or it was erased before.")
    click.echo(f"Erased: what was recorded about {shown(meant)}. The chain still verifies.")


def _lines(
    app: App, names: dict[int, str], since: float | None, until: float | None, asked: dict[str, object]
) -> Iterator[str]:
    with app.database.read() as conn:
        for organization_id, name in names.items():
            stretch = Stretch(organization_id, since=since, until=until)
            for chained in audit_reading.all_of(conn, name, stretch, app.keyring):
                yield as_json(chained, proof=bool(asked["proof"]))


def _into(output: Path, lines: Iterator[str]) -> int:
    """Write the lines into a file of nobody else's, and return how many."""
    try:
        with open(output, "x", encoding="utf-8", opener=_private) as file:
            return sum(bool(file.write(f"{line}\n")) for line in lines)
    except FileExistsError:
        raise Refused(f"{output} is there already. Name a new file.") from None
    except OSError as error:
        raise Refused(f"{output} cannot be written: {error.strerror}.") from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _seconds(app: App, moment: object) -> float | None:
    if not isinstance(moment, datetime):
        return None
    return seconds(moment, app.settings.time_zone)


def _pruned(app: App, name: str, old: Outdated, dry_run: bool) -> str:
    day = datetime.fromtimestamp(old.before, app.settings.time_zone).date()
    verb = "would go" if dry_run else "gone"
    return f"{name}: {old.rows} of {old.of_all} {old.record_class.value} records, from before {day}, {verb}"


def _note(app: App, detail: dict[str, object]) -> None:
    with app.database.write() as conn:
        _record(conn, app, detail | {"by": operator()}, "")


def _record(conn: Connection, app: App, detail: dict[str, object], organization: str) -> None:
    ids = {name: id_ for id_, name in audit_reading.chains(conn).items()}
    entry = AuditEntry(
        audit_keeping.KIND, app.clock(), organization_id=ids[organization] or None, detail=detail
    )
    rows.record(conn, WRITER, entry, app.keyring, app.random)

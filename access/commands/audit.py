"""officegate audit: look at what happened, and whether the record still is as it was written. ◆"""

import json
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from access.app import App
from access.commands.audit_keep import erase, export, prune
from access.commands.invocation import Invocation, passed
from access.commands.person import person
from access.records.audit import AuditRecord
from access.records.record_search import is_about
from access.store import audit as rows
from access.store import audit_chain
from access.store.audit import Selection
from access.words import casecode
from access.words.casecode import BadCaseCode


class Disputed(click.ClickException):
    """The record is not as it was written; the lines before say where."""

    exit_code = 1


MOST_OPENED = 10000


@click.group()
def audit() -> None:
    """The record of what happened: show it, and verify that nobody changed it."""


for _command in (export, prune, erase):
    audit.add_command(_command)


@audit.command()
@passed
def verify(invocation: Invocation) -> None:
    """Look for edits, gaps and cut tails, in the database and against the heads kept outside of it."""
    app = invocation.app()
    seen = audit_chain.verify(app.database, app.keyring, app.settings.audit.heads_dir)
    for finding in seen.findings:
        click.echo(f"{finding.fault.value}: {finding.place}: {finding.seen}", err=True)
    counted = f"{seen.rows} rows in {seen.chains} chains, {seen.unsealed} of them not sealed yet"
    if seen.findings:
        raise Disputed(f"the audit does not hold: {len(seen.findings)} findings over {counted}")
    click.echo(f"the audit holds: {counted}")


@audit.command()
@click.option("--case", "case", help="The case code of a refusal, as the person read it out.")
@click.option("--user", "name", help="A person: NAME@ORGANIZATION.")
@click.option("--about", default="", help="A name, a MAC address however spelt, a NAS or a Wi-Fi.")
@click.option("--reason", help="A reason code, such as WRONG_PASSWORD.")
@click.option("--limit", default=50, type=click.IntRange(1, 10000), help="How many rows at most.")
@passed
def show(invocation: Invocation, /, case: str | None, name: str | None, limit: int, **asked: str) -> None:
    """Print what happened, the newest last."""
    app = invocation.app()
    case_code = _case_code(case) if case else None
    about, reason = asked["about"], asked["reason"]
    # What a record says is sealed: to look into it, it has to be opened.
    opened = max(limit, MOST_OPENED) if about else limit
    with app.database.read() as conn:
        user_id = person(conn, name).id if name else None
        selection = Selection(case_code=case_code, user_id=user_id, reason=reason, limit=opened)
        read = rows.records(conn, selection, app.keyring)
    found = [each for each in read if not about or is_about(each.detail or {}, about)][:limit]
    if not found:
        raise click.ClickException("nothing like that was recorded")
    for record in reversed(found):
        click.echo(_line(record, app))


def _case_code(text: str) -> str:
    try:
        return casecode.parse(text)
    except BadCaseCode as error:
        raise click.BadParameter(str(error), param_hint="--case") from error


def _line(record: AuditRecord, app: App) -> str:
    zone: ZoneInfo = app.settings.time_zone
    at = datetime.fromtimestamp(record.at, zone).isoformat(" ", "seconds")
    words = [at, record.kind, record.reason]
    if record.case_code:
        words.append(f"case={casecode.show(record.case_code)}")
    words += [f"{name}={value}" for name in ("user_id", "session_id") if (value := getattr(record, name))]
    words.append("(erased)" if record.detail is None else _spell(record.detail.items()))
    return " ".join(word for word in words if word)


def _spell(items: Iterable[tuple[str, object]]) -> str:
    return " ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in items)

"""officegate policy replay: what a policy would have done to the logins of a window of time. ◆"""

from datetime import datetime
from functools import partial
from pathlib import Path

import click

from access.commands.company import company
from access.commands.invocation import Invocation, passed
from access.commands.moments import Moment
from access.commands.policy_text import Rejected, document, local_moment, shown_moment, text_of
from access.policy.compiled import compile
from access.policy.document import load
from access.policy.replay import Line, Replayed
from access.policy.replay import replay as decide_again
from access.policy.vocabulary import PolicyErrors
from access.store.replaying import Archive

_WEEK_S = 7 * 86400.0


@click.command()
@document
@click.option("--from", "first", type=Moment(), help="Otherwise a week ago, in local time.")
@click.option("--to", "last", type=Moment(), help="Otherwise now, in local time.")
@click.option("--organization", default="", help="The logins of one organization only, by its key.")
@passed
def replay(
    invocation: Invocation, file: Path, first: datetime | None, last: datetime | None, organization: str
) -> None:
    """Decide recorded logins again by FILE, and print who would have been refused, let in or moved.

    Exit status 1 where anybody would have been refused.
    """
    app = invocation.app()
    now = app.clock()
    until = local_moment(invocation, last) if last else now
    since = local_moment(invocation, first) if first else until - _WEEK_S
    try:
        other = compile(load(text_of(file)))
    except PolicyErrors as errors:
        raise Rejected(f"{file} cannot be read; see: officegate policy check {file}") from errors
    with app.database.read() as conn:
        whose = company(conn, organization).id if organization else None
        archive = Archive(conn, app.keyring, (since, until), whose, now)
        found = decide_again(archive.requests(), partial(archive.beside, other))
    for line in found.lines:
        click.echo(_shown(invocation, line))
    click.echo(_sum(found))
    if any(line.turn.name == "REFUSED" for line in found.lines):
        raise click.exceptions.Exit(1)


def _shown(invocation: Invocation, line: Line) -> str:
    when = shown_moment(invocation, line.first)
    if line.count > 1:
        when = f"{line.count} times, {when} to {shown_moment(invocation, line.last)}"
    return f"{line.who} {line.turn.value.en} ({line.object}): {line.cause}  [{when}]"


def _sum(found: Replayed) -> str:
    turned = sum(line.count for line in found.lines)
    logins = "login" if found.total == 1 else "logins"
    text = f"{found.total} {logins}: {turned} would have come out otherwise, {found.same} the same"
    if found.unlike:
        text += f", {found.unlike} cannot be told because something else has changed since"
    if found.untold:
        text += f", {found.untold} are recorded with too little"
    return text

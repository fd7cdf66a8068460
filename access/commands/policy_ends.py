"""officegate policy ends: whose access ends when, with the clock moved forward. ◆"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from access.commands.invocation import Invocation, passed
from access.commands.moments import Moment
from access.commands.policy_text import Rejected, local_moment, shown_moment, text_of, world_of
from access.policy.compiled import Policy, compile
from access.policy.document import load
from access.policy.forward import End
from access.policy.forward import ends as endings
from access.policy.vocabulary import PolicyErrors
from access.store import ending_accounts, policies, rollouts, standing

_USUAL_S = 30 * 86400.0
_NAMED = 3


@click.command()
@click.argument(
    "file",
    required=False,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)
@click.option("--until", "last", type=Moment(), help="Otherwise thirty days from now, in local time.")
@passed
def ends(invocation: Invocation, file: Path | None, last: datetime | None) -> None:
    """Print whose access ends when, by FILE or the policy in force."""
    app, zone = invocation.app(), invocation.settings.time_zone
    now = app.clock()
    until = local_moment(invocation, last) if last else now + _USUAL_S
    policy, world = _policy(invocation, file), world_of(invocation)
    with app.database.read() as conn:
        accounts = ending_accounts.between(conn, now, until)
    found = sorted((*endings(policy, world, now, until, zone), *accounts), key=lambda end: end.at)
    for end in found:
        click.echo(f"{shown_moment(invocation, end.at)}  {end.to('en')}{_losses(end)}")
    if not found:
        click.echo(f"Nothing ends until {shown_moment(invocation, until)}")


def _policy(invocation: Invocation, file: Path | None) -> Policy:
    """The policy of a file, or the one in force, with what stands beside it now. Raises Rejected."""
    with invocation.app().database.read() as conn:
        if file is not None:
            read = _of_file(file)
            return standing.beside(conn, read) or read
        current = policies.current(conn)
        known = rollouts.with_newer(conn, compile(load(current.document))) if current else None
        policy = standing.beside(conn, known)
    if policy is None:
        raise Rejected("No policy is in force, so nothing can end: officegate policy publish FILE")
    return policy


def _of_file(file: Path) -> Policy:
    try:
        return compile(load(text_of(file)))
    except PolicyErrors as errors:
        raise Rejected(f"{file} cannot be read; see: officegate policy check {file}") from errors


def _losses(end: End) -> str:
    return "".join(f"; {line}" for line in _lost(end))


def _lost(end: End) -> Iterator[str]:
    for object, people in end.loses.items():
        more = len(people) - _NAMED
        named = ", ".join(people[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        yield f"{named} {'loses' if len(people) == 1 else 'lose'} {object}"

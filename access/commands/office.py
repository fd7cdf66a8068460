"""officegate office: open an office for a while when nobody's password or code can be checked. ◆"""

from datetime import datetime

import click

from access.app import App, open_standing
from access.commands.explain import policy_in_force
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.policy.standing import Kept
from access.rights.containment import By
from access.rights.office_opening import MOST_CODES, Desk, open_by_codes
from access.rights.office_opening import close as close_now

WRITER = "command-line"


@click.group()
def office() -> None:
    """Sealed openings: let people in at a site while the directory or the codes are down."""


@office.command()
@click.argument("opening")
@click.option("--count", type=click.IntRange(2, MOST_CODES), default=6, show_default=True, help="How many.")
@passed
def codes(invocation: Invocation, opening: str, count: int) -> None:
    """Print codes for OPENING, each for an envelope of its own; older ones are good no more."""
    app = invocation.app()
    desk = _desk(app)
    desk.prepared(opening)
    made = open_standing(app, WRITER).make_codes(opening, count, operator(), app.clock())
    for number, code in made:
        click.echo(f"envelope {number}: {code}")
    click.echo("Two of them open it, once. They are shown this once: print them, seal them, keep them apart.")


@office.command("open")
@click.option("--code", "typed", multiple=True, required=True, help="A sealed code; two of them.")
@passed
def open_(invocation: Invocation, typed: tuple[str, ...]) -> None:
    """Open an office with two sealed codes."""
    app = invocation.app()
    kept = open_by_codes(_desk(app), typed, operator())
    click.echo(f"{kept.standing.opening} is open until {_moment(app, kept.standing.until)}.")
    click.echo(f"Close it: officegate office close {kept.standing.id}")


@office.command("list")
@click.option("--all", "every", is_flag=True, help="Also those that are over.")
@passed
def list_(invocation: Invocation, every: bool) -> None:
    """List what is open, and everybody whom it has let in."""
    app = invocation.app()
    now, store = app.clock(), open_standing(app, WRITER)
    known = store.every_opening() if every else store.openings(now)
    if not known:
        click.echo("No office is open.")
    for each in known:
        click.echo(_line(app, each, now))
        for person in store.let_in(each):
            over = f"until {_moment(app, person.ended_at)}" if person.ended_at else "still there"
            click.echo(
                f"    {_moment(app, person.at)}  {person.user_name}  {person.station}  {person.nas}  {over}"
            )


@office.command("close")
@click.argument("number", type=int)
@passed
def close(invocation: Invocation, number: int) -> None:
    """Close opening NUMBER; whoever was let in by it alone loses access."""
    app = invocation.app()
    close_now(_desk(app), By(operator()), number)
    click.echo("Closed. Whoever was let in by it alone is being disconnected.")


def _desk(app: App) -> Desk:
    with app.database.read() as conn:
        policy = policy_in_force(conn)
    return Desk(open_standing(app, WRITER), policy, app.clock())


def _line(app: App, kept: Kept, now: float) -> str:
    rule = kept.standing
    state = f"open until {_moment(app, rule.until)}" if kept.stands(now) else "over"
    if kept.waits(now):
        state = "waits for another administrator"
    since = f"since {_moment(app, kept.created_at)}"
    return f"{rule.id}  {rule.opening}  {since}  {state}  {rule.approved_by}: {rule.reason}"


def _moment(app: App, at: float | None) -> str:
    if at is None:
        return "-"
    return f"{datetime.fromtimestamp(at, app.settings.time_zone):%Y-%m-%d %H:%M:%S}"

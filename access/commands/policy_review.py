"""officegate policy review: campaigns in which owners sign whether permits are still needed. ◆"""

from datetime import datetime, timedelta

import click

from access.app import App, open_policies, open_reviews
from access.changes.outlook import Preview, excesses
from access.changes.review_closing import Closing, carry_out, closing, without_stopped
from access.changes.review_closing import announce as announce_now
from access.changes.review_closing import resume as resume_now
from access.changes.reviewing import STATES, Answer, By, Desk, Fate, Review, Wish, listed, sign
from access.changes.reviewing import start as start_now
from access.commands.explain import policy_in_force
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.commands.policy_text import WRITER, Rejected, local_moment, shown_moment
from access.commands.policy_words import told
from access.policy.reviews import fingerprint
from access.store import forecast

FATES = click.Choice([each.value for each in Fate])
DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def review() -> None:
    """Campaigns in which owners sign whether permits are still needed."""


@review.command()
@click.option("--until", type=DAY, required=True, help="The last day on which owners may sign in time.")
@click.option("--due-before", "before", type=DAY, help="Only permits whose review day is then or earlier.")
@click.option("--organization", default="", help="Only permits that speak for this organization.")
@click.option("--all", "everything", is_flag=True, help="Also permits without a review day.")
@click.option("--unsigned", type=FATES, default=Fate.KEEP.value, help="What will come of what nobody signs.")
@passed
def start(
    invocation: Invocation, /, until: datetime, before: datetime | None, everything: bool, **said: str
) -> None:
    """Ask the owners of every permit whose review day has come, today if not said otherwise."""
    if everything and before is not None:
        raise click.UsageError("Either --all or --due-before.")
    app = invocation.app()
    today = datetime.fromtimestamp(app.clock(), invocation.settings.time_zone).date()
    due = None if everything else before.date() if before is not None else today
    end = local_moment(invocation, until + timedelta(days=1))
    wish = Wish(end, due, said["organization"], Fate(said["unsigned"]))
    started = start_now(_desk(app), By(operator()), wish)
    click.echo(f"Review {started[0].campaign}, until {shown_moment(invocation, end)}:")
    for each in started:
        click.echo(f"{each.rule}: {each.owner or 'has no owner'}")


@review.command("list")
@passed
def list_(invocation: Invocation) -> None:
    """List what is under review, and what was signed by whom."""
    app = invocation.app()
    desk = _desk(app)
    found = listed(desk)
    for each in found:
        click.echo(_line(invocation, desk, each))
    if not found:
        click.echo("Nothing is under review.")


@review.command()
@click.argument("rule")
@click.argument("answer")
@click.option("--note", required=True, help="Why, as somebody signs in the place of the owner.")
@passed
def answer(invocation: Invocation, rule: str, answer: str, note: str) -> None:
    """Sign for RULE in the place of its owner: keep or end."""
    if answer not in set(Answer):
        raise click.UsageError("The ANSWER is keep or end.")
    desk = _desk(invocation.app())
    known = next((each for each in desk.ports.open_reviews() if each.rule == rule), None)
    now = desk.rule(known) if known is not None else None
    if known is None or now is None:
        raise Rejected(f"No permit {rule} is under review: officegate policy review list")
    sign(desk, By(operator()), known, (Answer(answer), note), fingerprint(now))
    click.echo(f"Signed: {answer} {rule}")


@review.command()
@click.argument("campaign", type=int)
@click.option("--unsigned", type=FATES, required=True, help="What will come of what nobody signs.")
@passed
def announce(invocation: Invocation, campaign: int, unsigned: str) -> None:
    """Tell the owners of what is unsigned in CAMPAIGN what will come of it when it is closed."""
    app = invocation.app()
    announce_now(_desk(app), open_reviews(app, WRITER), By(operator()), campaign, Fate(unsigned))
    click.echo(f"Review {campaign}: what nobody signs will be {_BECOMES[Fate(unsigned)]}.")


@review.command()
@click.argument("campaign", type=int)
@click.option("--unsigned", type=FATES, help="What comes of what nobody signed; no harder than announced.")
@click.option("--dry-run", is_flag=True, help="Only say what it would do.")
@click.option("--sure", is_flag=True, help="Also where it takes more than one person may take by publishing.")
@passed
def close(invocation: Invocation, campaign: int, unsigned: str | None, dry_run: bool, sure: bool) -> None:
    """End CAMPAIGN, and its alarm; the audit keeps what nobody signed."""
    app = invocation.app()
    desk, by, ports = _desk(app), By(operator()), open_reviews(app, WRITER)
    fate = Fate(unsigned) if unsigned is not None else None
    planned = closing(desk, ports, by, campaign, fate)
    seen = _show_stops(app, desk, planned, sure or dry_run)
    if dry_run:
        return
    done = carry_out(desk, ports, planned, seen)
    names = f" Unsigned: {', '.join(done.unsigned)}" if done.unsigned else ""
    click.echo(f"Review {campaign} is closed.{names}")
    for each in done.stops:
        click.echo(f"{each.review.rule}: {_BECOMES[each.fate]}")


@review.command()
@click.argument("rule")
@passed
def resume(invocation: Invocation, rule: str) -> None:
    """Let RULE speak again that a review has silenced or ended, signed or not."""
    app = invocation.app()
    resume_now(_desk(app), open_reviews(app, WRITER), By(operator()), rule)
    click.echo(f"{rule} speaks again.")


_BECOMES = {Fate.KEEP: "kept", Fate.SILENCE: "silenced until it is signed", Fate.END: "ended"}


def _show_stops(app: App, desk: Desk, planned: Closing, sure: bool) -> Preview | None:
    """Print who loses what by what is stopped, and return it; None: nothing is.

    Raises Rejected where one person may not take so much.
    """
    policy = desk.policy
    if policy is None or not planned.stops:
        return None
    with app.database.read() as conn:
        seen = forecast.between(conn, policy, without_stopped(policy, planned), desk.now)
    for line in told(seen):
        click.echo(line)
    shelf = open_policies(app, WRITER)
    beyond = excesses(seen, shelf.budget, shelf.taken_lately(None, desk.now))
    if beyond and not sure:
        whom = ", ".join(f"{each.affected} of {each.people} in {each.organization}" for each in beyond)
        raise Rejected(f"That takes something from {whom}: say --sure if it is meant.")
    return seen


def _desk(app: App) -> Desk:
    with app.database.read() as conn:
        policy = policy_in_force(conn)
    return Desk(open_reviews(app, WRITER), policy, app.clock())


def _line(invocation: Invocation, desk: Desk, each: Review) -> str:
    rule, state = desk.rule(each), desk.state(each)
    owner = (rule.owner if rule is not None else each.owner) or "has no owner"
    late = " (overdue)" if desk.now >= each.until else ""
    until = f"until {shown_moment(invocation, each.until)}{late}"
    line = f"{each.campaign}  {each.rule}  {owner}  {until}  {STATES[state].en}"
    if each.answer is None:
        return line
    as_whom = "" if each.role == "owner" else " for its owner"
    return f"{line}: {each.answer} by {each.answered_by}{as_whom}{f', {each.note}' if each.note else ''}"

"""officegate policy wave: a publication that comes in waves, looked at, moved, held and taken back. ◆"""

from dataclasses import replace

import click

from access.app import App, bearable, open_policies, open_rollouts
from access.changes.rollout import Rollout, Step, advance
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.commands.policy_text import BY, SHORT, WRITER, Rejected, moment, user_of
from access.store.pages.changes import login
from access.store.pages.waves import refuse_beyond_zones
from access.store.rollouts import StoredRollouts


@click.group()
def wave() -> None:
    """The publication that comes in waves: how far it is, go on, hold it, take it back."""


@wave.command()
@passed
def show(invocation: Invocation) -> None:
    """Say which wave stands, since when, and what it has decided."""
    app = invocation.app()
    stored = open_rollouts(app, WRITER)
    rollout = stored.current()
    if rollout is None:
        click.echo("No publication is on its way in waves.")
        return
    for number, each in enumerate((*map(str, rollout.waves), "everybody")):
        click.echo(f"{'*' if number == rollout.step else ' '} {each}")
    harm, limit = stored.harm(rollout), bearable(app.settings)
    state = "held" if rollout.held else f"next from {moment(invocation, rollout.since + rollout.pause_s)}"
    click.echo(f"revision {rollout.revision[:SHORT]} by {rollout.author}, {state}")
    click.echo(
        f"{harm.permitted} logins permitted, {harm.refused} of {harm.people} people refused; taken back with "
        f"more than {limit.percent:g}% of {limit.people} people or more"
    )


@wave.command("next")
@BY
@passed
def further(invocation: Invocation, by: str | None) -> None:
    """Go on to the next wave now, or to everybody after the last."""
    app = invocation.app()
    stored, rollout = _on_its_way(app)
    whose = _whose(app, rollout, by)
    if advance(stored, rollout, app.clock(), whose) is Step.NOTHING:
        raise Rejected("Somebody else was faster: officegate policy wave show")
    after = stored.current()
    click.echo(f"wave {after.wave} stands" if after else f"revision {rollout.revision[:SHORT]} published")


@wave.command()
@BY
@passed
def hold(invocation: Invocation, by: str | None) -> None:
    """Let the wave stand until `next` or `back`."""
    app = invocation.app()
    stored, rollout = _on_its_way(app)
    whose = _whose(app, rollout, by)
    if not stored.move(rollout, replace(rollout, held=True), app.clock(), whose):
        raise Rejected("Somebody else was faster: officegate policy wave show")
    click.echo(f"wave {rollout.wave} is held")


@wave.command()
@BY
@passed
def back(invocation: Invocation, by: str | None) -> None:
    """Take the publication back: the policy in force speaks for everybody again."""
    app = invocation.app()
    stored, rollout = _on_its_way(app)
    whose = _whose(app, rollout, by)
    if not stored.take_back(rollout, whose, app.clock(), alarm=False):
        raise Rejected("Somebody else was faster: officegate policy wave show")
    click.echo(f"revision {rollout.revision[:SHORT]} is taken back; {rollout.base[:SHORT]} is in force")


def _on_its_way(app: App) -> tuple[StoredRollouts, Rollout]:
    stored = open_rollouts(app, WRITER)
    rollout = stored.current()
    if rollout is None:
        raise Rejected("No publication is on its way in waves.")
    return stored, rollout


def _whose(app: App, rollout: Rollout, by: str | None) -> str:
    """Who moves it, for the audit: whom --by names, and whose hand it is. Raises Refused, NobodyMeant."""
    if not by:
        return operator()
    user = user_of(app, by)
    refuse_beyond_zones(open_policies(app, WRITER), rollout, user)
    return f"{login(user)}, {operator()}"

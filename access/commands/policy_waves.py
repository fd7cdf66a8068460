"""officegate policy wave: a publication that comes in waves, looked at, moved, held and taken back. ◆"""

from dataclasses import replace

import click

from access.app import App, bearable, open_policies, open_rollouts
from access.changes.publishing import Draft, Outcome, Publication, rehearse
from access.changes.rollout import NoWaves, Rollout, Step, advance, without_everybody
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.commands.policy_text import SHORT, WRITER, Rejected, moment, wait_for_approval
from access.policy import scalars
from access.policy.waves import BadWave, read_wave
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
@passed
def further(invocation: Invocation) -> None:
    """Go on to the next wave now, or to everybody after the last."""
    app = invocation.app()
    stored, rollout = _on_its_way(app)
    if advance(stored, rollout, app.clock()) is Step.NOTHING:
        raise Rejected("Somebody else was faster: officegate policy wave show")
    after = stored.current()
    click.echo(f"wave {after.wave} stands" if after else f"revision {rollout.revision[:SHORT]} published")


@wave.command()
@passed
def hold(invocation: Invocation) -> None:
    """Let the wave stand until `next` or `back`."""
    app = invocation.app()
    stored, rollout = _on_its_way(app)
    if not stored.move(rollout, replace(rollout, held=True), app.clock()):
        raise Rejected("Somebody else was faster: officegate policy wave show")
    click.echo(f"wave {rollout.wave} is held")


@wave.command()
@passed
def back(invocation: Invocation) -> None:
    """Take the publication back: the policy in force speaks for everybody again."""
    app = invocation.app()
    stored, rollout = _on_its_way(app)
    if not stored.take_back(rollout, operator(), app.clock(), alarm=False):
        raise Rejected("Somebody else was faster: officegate policy wave show")
    click.echo(f"revision {rollout.revision[:SHORT]} is taken back; {rollout.base[:SHORT]} is in force")


def begin(app: App, made: Draft, name: object, waves: str, pause: str) -> Publication:
    """Publish to the first of some waves what could be published. Raises Rejected, Waits, NoWaves."""
    try:
        asked = without_everybody([read_wave(each) for each in waves.split(",")])
        pause_s = scalars.duration(pause)
    except (BadWave, scalars.BadValue) as error:
        raise NoWaves(str(error)) from error
    now = app.clock()
    shelf = open_policies(app, WRITER)
    publication = rehearse(made, shelf, now)
    if publication.outcome is Outcome.NEEDS_APPROVAL:
        wait_for_approval(publication, name)
    policy = publication.examination.policy
    if publication.outcome is not Outcome.PUBLISHED or policy is None:
        return publication
    if made.expected is None:
        raise NoWaves("The first policy of all comes at once: there is none that could speak for the others.")
    shelf.refuse_beyond(made, policy.document)
    rollout = Rollout(
        policy.revision, made.expected, asked, pause_s, made.author, made.author_id, made.note, since=now
    )
    if not open_rollouts(app, WRITER).begin(made, rollout, now):
        raise Rejected("Somebody else was faster: officegate policy wave show")
    return publication


def _on_its_way(app: App) -> tuple[StoredRollouts, Rollout]:
    stored = open_rollouts(app, WRITER)
    rollout = stored.current()
    if rollout is None:
        raise Rejected("No publication is on its way in waves.")
    return stored, rollout

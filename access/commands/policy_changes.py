"""officegate policy preview, diff, pull, rollback, history: what changes, and what has changed. ◆"""

import difflib
from datetime import datetime
from pathlib import Path

import click

from access.app import App, open_policies
from access.changes.outlook import excesses
from access.changes.publishing import Outcome, examine, publish
from access.commands.invocation import Invocation, passed
from access.commands.moments import Moment
from access.commands.policy_parts import diff_part, part_history, preview_part, pull_part, rollback_part
from access.commands.policy_text import (
    BY,
    NOTE,
    PART,
    SHORT,
    WRITER,
    Rejected,
    Said,
    Waits,
    document,
    hand_over,
    known,
    local_moment,
    made_by,
    moment,
    show_failures,
    show_problems,
    text_of,
    wait_for_approval,
)
from access.commands.policy_words import told
from access.policy.compiled import Policy
from access.store import policies
from access.store.policies import PolicyVersion


@click.command()
@document
@click.option("--names", is_flag=True, help="Name everybody.")
@click.option("--object", "only", help="Only what concerns this object, such as network:git.")
@click.option("--organization", help="Only the people of this organization.")
@click.option("--at", "at", type=Moment(), help="As of this moment, in local time, not of now.")
@PART
@passed
def preview(
    invocation: Invocation, /, file: Path, names: bool, at: datetime | None, **narrowed: str | None
) -> None:
    """Say who would lose and gain what if FILE took the place of the policy in force."""
    app = invocation.app()
    organization, only, part = (narrowed[each] for each in ("organization", "only", "part"))
    if part:
        if at or only or organization:
            raise click.UsageError("--at, --object and --organization are about the whole document.")
        preview_part(app, part, file, names)
        return
    policy = _read(app, text_of(file), file)
    seen = open_policies(app, WRITER).preview(policy, local_moment(invocation, at) if at else app.clock())
    if organization:
        seen = seen.of(organization)
    if only:
        seen = seen.about(only)
    for line in told(seen, names, app.clock(), app.settings.time_zone):
        click.echo(line)


@click.command()
@document
@click.option("--over", help="Compare with this revision's text; otherwise with the one in force.")
@PART
@passed
def diff(invocation: Invocation, file: Path, over: str | None, part: str | None) -> None:
    """Show how FILE differs from the policy in force, and what publishing it would do.

    Status 0: it may be published; 1: it has mistakes or breaks its tests; 3: others have to approve it.
    """
    app = invocation.app()
    if part:
        diff_part(app, part, file, over)
        return
    text = text_of(file)
    _show_difference(_text_in_force(app, over), text, str(file), over or "in force")
    policy = _read(app, text, file)
    shelf = open_policies(app, WRITER)
    seen = shelf.preview(policy, app.clock())
    for line in told(seen, zone=app.settings.time_zone):
        click.echo(line)
    beyond = excesses(seen, shelf.budget, shelf.taken_lately(None, app.clock()))
    if beyond:
        whom = ", ".join(each.organization for each in beyond)
        raise Waits(f"{Outcome.NEEDS_APPROVAL.value} ({whom})")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--revision", help="Another revision than the one in force.")
@PART
@passed
def pull(invocation: Invocation, file: Path, revision: str | None, part: str | None) -> None:
    """Write the document in force to FILE as it is, and print its revision (for publish --over)."""
    app = invocation.app()
    if part:
        pull_part(app, part, file, revision)
        return
    # Both of one reading: the revision of another text would let --over undo what came between.
    version = known(app, revision) if revision else _in_force(app)
    if version is None:
        raise Rejected("No policy is in force: officegate policy publish FILE")
    hand_over(file, version.document, version.revision)


@click.command()
@click.argument("revision")
@click.option("--dry-run", is_flag=True, help="Only say what it would do.")
@NOTE
@BY
@PART
@passed
def rollback(invocation: Invocation, /, revision: str, dry_run: bool, note: str, **given: str | None) -> None:
    """Put the document of REVISION, or of the only one that begins so, in force again."""
    app, by, part = invocation.app(), given["by"], given["part"]
    if part:
        rollback_part(app, part, revision, dry_run, Said(by, note))
        return
    shelf = open_policies(app, WRITER)
    version = known(app, revision)
    name = f"revision {version.revision[:SHORT]}"
    if dry_run:
        _show_difference(_text_in_force(app, None), version.document, name)
        seen = shelf.preview(_read(app, version.document, name), app.clock())
        for line in told(seen, zone=app.settings.time_zone):
            click.echo(line)
        return
    said = Said(by, note or f"back to {version.revision[:SHORT]}")
    made = made_by(app, said, version.document, shelf.in_force())
    publication = publish(made, shelf, app.clock())
    show_problems(publication.examination, name)
    show_failures(publication.examination, name)
    if publication.outcome is Outcome.ON_ITS_WAY:
        raise Rejected(f"{publication.outcome.value}: officegate policy wave show")
    if publication.outcome is Outcome.NEEDS_APPROVAL:
        wait_for_approval(publication, name)
    if publication.preview is not None:
        for line in told(publication.preview, zone=app.settings.time_zone):
            click.echo(line)
    click.echo(f"{name} {publication.outcome.value}")


@click.command()
@click.option("--diff", "differences", is_flag=True, help="With what each changed in the text.")
@PART
@passed
def history(invocation: Invocation, differences: bool, part: str | None) -> None:
    """List what was published, the last first: when, by whom, approved by whom."""
    if part:
        part_history(invocation, part, differences)
        return
    app = invocation.app()
    found = open_policies(app, WRITER).history()
    if not found:
        click.echo("Nothing was published yet: officegate policy publish FILE")
    for each in found:
        over = f" over {each.replaced[:SHORT]}" if each.replaced else ""
        approved = f"  approved by {', '.join(each.approved_by)}" if each.approved_by else ""
        at = moment(invocation, each.at)
        click.echo(f"{each.revision[:SHORT]}{over}  {at}  {each.author}{approved}  {each.note}".rstrip())
        if differences and each.replaced:
            before, after = (known(app, revision).document for revision in (each.replaced, each.revision))
            _show_difference(before, after, each.revision[:SHORT], each.replaced[:SHORT])


def _read(app: App, text: str, name: object) -> Policy:
    """The policy of a text without mistakes, whose tests pass. Raises Rejected."""
    with app.database.read() as conn:
        world = policies.world(conn)
    examination = examine(text, world)
    show_problems(examination, name)
    show_failures(examination, name)
    if examination.policy is None:
        raise Rejected(f"{name} cannot be read")
    return examination.policy


def _text_in_force(app: App, revision: str | None) -> str:
    """The text of a revision, or of the one in force; none where none is."""
    version = known(app, revision) if revision else _in_force(app)
    return version.document if version else ""


def _in_force(app: App) -> PolicyVersion | None:
    with app.database.read() as conn:
        return policies.current(conn)


def _show_difference(before: str, after: str, name: str, over: str = "in force") -> None:
    lines = before.splitlines(), after.splitlines()
    for line in difflib.unified_diff(*lines, over, name, lineterm=""):
        click.echo(line)

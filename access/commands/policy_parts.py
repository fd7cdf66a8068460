"""What the commands about the policy do with one company's own part of it. ◆

They print what that company's administrators may know, and nothing of what others have.
"""

import difflib
from collections.abc import Iterator
from pathlib import Path

import click

from access.app import App, open_parts
from access.changes.company_policy import CompanyPart
from access.changes.part_publishing import PartPublication
from access.changes.publishing import Draft, Outcome
from access.changes.rollout import Asked
from access.commands.invocation import Invocation
from access.commands.policy_text import (
    SHORT,
    WRITER,
    Rejected,
    Said,
    Waits,
    hand_over,
    made_by,
    moment,
    text_of,
)
from access.commands.policy_words import say_of_grants, told
from access.store import organizations

_OVERTAKEN = "the part was changed after this was written"
_BUSY = "nothing can be published at the moment: try again later"


def pull_part(app: App, organization: str, file: Path, revision: str | None) -> None:
    """Write the part in force, or an earlier one, and print its revision."""
    part = _part(app, organization)
    text, found = part.shown(), part.revision
    if revision:
        text, found = _earlier(app, organization, revision), revision
    hand_over(file, text, found)


def show_part(app: App, organization: str, revision: str | None) -> None:
    """Print the part in force, or an earlier one."""
    text = _earlier(app, organization, revision) if revision else _part(app, organization).shown()
    click.echo(text, nl=False)


def check_part(app: App, organization: str, file: Path, tests: bool) -> None:
    """Say every mistake in a part; tests: and which of the document's tests it breaks. Raises Rejected."""
    made = part_draft(app, organization, text_of(file), Said())
    found = open_parts(app, WRITER).rehearse(made)
    if tests or found.outcome is not Outcome.TESTS_FAILED:
        _refuse_mistakes(found, file)
    count = found.promises
    passed = f"{count} {'test' if count == 1 else 'tests'} of the part passed" if tests else "no mistakes"
    click.echo(f"{file}: {passed}")


def diff_part(app: App, organization: str, file: Path, over: str | None) -> None:
    """Show how a text differs from the part, and what publishing it would do to the company's people."""
    text = text_of(file)
    before = _earlier(app, organization, over) if over else _part(app, organization).shown()
    for line in _difference(before, text, str(file)):
        click.echo(line)
    found = preview_part(app, organization, file, names=False)
    _wait(found, file)


def preview_part(app: App, organization: str, file: Path, names: bool) -> PartPublication:
    """Say who of the company's people would lose and gain what. Raises Rejected."""
    found = open_parts(app, WRITER).rehearse(part_draft(app, organization, text_of(file), Said()))
    _refuse_mistakes(found, file)
    _refuse_late(found, file)
    _say(app, found, names)
    return found


def publish_part(app: App, made: Draft, name: object, asked: Asked | None) -> None:
    """Put a part in force, or for some people first. Raises Rejected, Waits."""
    parts = open_parts(app, WRITER)
    found = parts.begin_now(made, asked) if asked is not None else parts.publish(made)
    _refuse_mistakes(found, name)
    _refuse_late(found, name)
    _wait(found, name)
    if found.outcome is Outcome.PUBLISHED and found.preview is not None:
        say_of_grants(found.preview, app.settings.time_zone)
    if asked is not None and found.outcome is Outcome.PUBLISHED:
        click.echo(f"{name}: the first wave stands: officegate policy wave show")
        return
    click.echo(f"{name}: revision {found.revision[:SHORT]} of the part {found.outcome.value}")


def rollback_part(app: App, organization: str, revision: str, dry_run: bool, said: Said) -> None:
    """Put an earlier part in force again, by its revision. Raises Rejected, Waits."""
    text, name = _earlier(app, organization, revision), f"revision {revision[:SHORT]}"
    note = said.note or f"back to {revision[:SHORT]}"
    made = part_draft(app, organization, text, Said(said.by, note))
    if not dry_run:
        publish_part(app, made, name, None)
        return
    for line in _difference(_part(app, organization).shown(), text, name):
        click.echo(line)
    found = open_parts(app, WRITER).rehearse(made)
    _refuse_mistakes(found, name)
    _say(app, found, names=False)


def part_history(invocation: Invocation, organization: str, differences: bool) -> None:
    """List what changed a part, the last first: when, and by whom where it was one of the company's."""
    parts = open_parts(invocation.app(), WRITER)
    _part(invocation.app(), organization)
    before: int | None = None
    shown = False
    while True:
        found, before = parts.history(organization, before)
        for each in found:
            shown = True
            by = f"  {each.author}" if each.author else ""
            approved = f"  approved by {', '.join(each.approved_by)}" if each.approved_by else ""
            at = moment(invocation, each.at)
            over = f"{each.revision[:SHORT]} over {each.replaced[:SHORT]}"
            click.echo(f"{over}  {at}{by}{approved}  {each.note}".rstrip())
            for line in _difference(each.before, each.after, each.revision[:SHORT]) if differences else ():
                click.echo(line)
        if before is None:
            break
    if not shown:
        click.echo("Nothing of this part was published yet.")


def part_draft(app: App, organization: str, text: str, said: Said, over: str | None = None) -> Draft:
    """A draft of a part by somebody, over a revision of the part or over the one in force."""
    in_force = _part(app, organization).revision
    made = made_by(app, said, text, in_force if not over or in_force.startswith(over) else over)
    return Draft(
        made.text, made.author, made.expected, made.note, made.author_id, made.by, None, organization
    )


def _part(app: App, organization: str) -> CompanyPart:
    with app.database.read() as conn:
        known = {each.key for each in organizations.all_organizations(conn)}
    part = open_parts(app, WRITER).current(organization)
    if organization not in known:
        raise Rejected(f"There is no organization {organization!r}")
    if part is None:
        raise Rejected("No policy is in force: officegate policy publish FILE")
    return part


def _earlier(app: App, organization: str, revision: str) -> str:
    text = open_parts(app, WRITER).text_of(organization, revision)
    if not text:
        listed = f"officegate policy history --part {organization}"
        raise Rejected(f"No revision of the part, or more than one, begins {revision}: {listed}")
    return text


def _difference(before: str, after: str, name: str) -> Iterator[str]:
    yield from difflib.unified_diff(before.splitlines(), after.splitlines(), "in force", name, lineterm="")


def _say(app: App, found: PartPublication, names: bool) -> None:
    for line in told(found.preview, names, zone=app.settings.time_zone) if found.preview is not None else ():
        click.echo(line)


def _refuse_mistakes(found: PartPublication, name: object) -> None:
    """Print what is wrong with a part. Raises Rejected where something is."""
    for each in found.told:
        click.echo(f"{name}: {each.en}", err=True)
    if found.outcome is Outcome.TESTS_FAILED:
        raise Rejected(f"{name} breaks tests")
    if found.outcome is Outcome.MISTAKES:
        count = len(found.told)
        raise Rejected(f"{name} has {count} {'mistake' if count == 1 else 'mistakes'}")


def _refuse_late(found: PartPublication, name: object) -> None:
    if found.outcome is Outcome.OVERTAKEN:
        raise Rejected(f"{name}: {_OVERTAKEN}: revision {found.revision[:SHORT]} of it is in force")
    if found.outcome is Outcome.ON_ITS_WAY:
        raise Rejected(f"{name}: {_BUSY}")


def _wait(found: PartPublication, name: object) -> None:
    """Say that somebody has to agree. Raises Waits."""
    if found.outcome is not Outcome.NEEDS_APPROVAL:
        return
    for each in found.beyond:
        click.echo(
            f"{name}: takes something from {each.affected} of {each.people} in {each.organization}", err=True
        )
    if found.withdraws:
        click.echo(f"{name}: takes back or narrows what people of other companies are permitted", err=True)
    raise Waits(
        "another administrator of the company has to approve it:"
        " officegate policy draft save FILE --part ORGANIZATION --submit"
    )

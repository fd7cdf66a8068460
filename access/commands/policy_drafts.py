"""officegate policy draft, approve: what somebody wants in force, kept until others have looked. ◆"""

from pathlib import Path

import click

from access.app import open_policies
from access.changes.drafts import StoredDraft
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.commands.policy_parts import part_draft
from access.commands.policy_text import (
    BY,
    NOTE,
    PART,
    SHORT,
    WRITER,
    Said,
    document,
    known,
    made_by,
    moment,
    text_of,
    user_of,
)

_NUMBER = click.argument("number", type=int)


@click.group()
def draft() -> None:
    """Drafts of the policy, kept in the database. NUMBER is that of `draft list`."""


@draft.command()
@document
@click.option("--draft", "number", type=int, help="The draft whose place it takes; otherwise a new one.")
@click.option("--over", help="The revision it was written over; otherwise the one in force.")
@click.option("--submit", is_flag=True, help="Have others approve it.")
@NOTE
@BY
@PART
@passed
def save(
    invocation: Invocation, /, file: Path, number: int | None, submit: bool, **given: str | None
) -> None:
    """Keep a document as a draft, mistakes and all."""
    app, over, part = invocation.app(), given["over"], given["part"]
    shelf, said = open_policies(app, WRITER), Said(given["by"], given["note"] or "")
    if part:
        made = part_draft(app, part, text_of(file), said, over)
    else:
        base = known(app, over).revision if over else shelf.in_force()
        made = made_by(app, said, text_of(file), base)
    kept = shelf.save(number, made, app.clock())
    if submit:
        kept = shelf.submit(kept.id, made, app.clock())
    click.echo(_line(kept, invocation))
    if submit:
        click.echo(f"Approve it with: officegate policy approve {kept.id} --by NAME@ORGANIZATION")


@draft.command("list")
@PART
@passed
def listed(invocation: Invocation, part: str | None) -> None:
    """List the drafts, the last changed first."""
    drafts = open_policies(invocation.app(), WRITER).drafts()
    found = [each for each in drafts if part in (None, each.organization)]
    if not found:
        click.echo("There are no drafts: officegate policy draft save FILE")
    for each in found:
        click.echo(_line(each, invocation))


@draft.command()
@_NUMBER
@passed
def show(invocation: Invocation, number: int) -> None:
    """Print the document of a draft, and on the error stream who has approved it."""
    shelf = open_policies(invocation.app(), WRITER)
    found = shelf.draft(number)
    click.echo(_line(found, invocation), err=True)
    for each in shelf.approvals(found):
        click.echo(f"approved by {each.login}, {moment(invocation, each.at)}", err=True)
    click.echo(found.text, nl=not found.text.endswith("\n"))


@draft.command()
@_NUMBER
@BY
@passed
def drop(invocation: Invocation, number: int, by: str | None) -> None:
    """Forget a draft."""
    app = invocation.app()
    gone = open_policies(app, WRITER).drop(number, made_by(app, Said(by)), app.clock())
    click.echo(f"Draft {gone.id} is gone.")


@click.command()
@_NUMBER
@click.option("--by", required=True, metavar="ADMINISTRATOR", help="Who approves, as name@organization.")
@passed
def approve(invocation: Invocation, number: int, by: str) -> None:
    """Approve the draft NUMBER as it is now, over the revision that it was written over."""
    app = invocation.app()
    made = open_policies(app, WRITER).approve(number, user_of(app, by), app.clock(), operator())
    click.echo(f"Draft {made.id}, revision {made.revision[:SHORT]}, is approved by {by}.")


def _line(each: StoredDraft, invocation: Invocation) -> str:
    state = "submitted" if each.submitted_at is not None else "draft"
    over = each.base[:SHORT] or "nothing"
    at = moment(invocation, each.changed_at)
    whose = f"part of {each.organization}  " if each.organization else ""
    what = f"{each.id}  {whose}{each.revision[:SHORT]}  over {over}"
    return f"{what}  {state}  {at}  {each.author}  {each.note}".rstrip()

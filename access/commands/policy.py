"""officegate policy: check, test, publish and show the policy document. ◆"""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from access.app import open_policies, open_rollouts
from access.changes.drafts import StoredDraft
from access.changes.publishing import Draft, Examination, Outcome, examine
from access.changes.publishing import publish as put_in_force
from access.changes.rollout import begin, read_waves
from access.commands.invocation import Invocation, passed
from access.commands.policy_changes import diff, history, preview, pull, rollback
from access.commands.policy_drafts import approve, draft
from access.commands.policy_ends import ends
from access.commands.policy_parts import check_part, part_draft, publish_part, show_part
from access.commands.policy_replay import replay
from access.commands.policy_review import review
from access.commands.policy_test import test
from access.commands.policy_text import (
    BY,
    NOTE,
    PART,
    SHORT,
    WRITER,
    Rejected,
    Said,
    document,
    known,
    made_by,
    show_failures,
    show_problems,
    text_of,
    wait_for_approval,
    world_of,
)
from access.commands.policy_waves import wave
from access.commands.policy_words import say_of_grants
from access.policy.document import load
from access.policy.zoning import exceptions
from access.store import policies
from access.store.policies import PolicyVersion


@click.group()
def policy() -> None:
    """The policy document: check it, try its tests, put it in force, look at it."""


for _command in (approve, diff, draft, ends, history, preview, pull, replay, review, rollback, test, wave):
    policy.add_command(_command)


@policy.command()
@document
@PART
@passed
def check(invocation: Invocation, file: Path, part: str | None) -> None:
    """Say every mistake in a document, with its line."""
    if part:
        check_part(invocation.app(), part, file, tests=False)
        return
    examination = _examine(invocation, file)
    show_problems(examination, file)
    click.echo(f"{file}: no mistakes")


@policy.command()
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option("--draft", "number", type=int, help="A draft by its number, in the place of a file.")
@NOTE
@click.option("--author", default="", help="Who publishes it; otherwise this account's name.")
@BY
@click.option("--waves", help="For whom first: 1%,10%,100%, organization:KEY or site:NAME, with commas.")
@click.option("--pause", help="How long each wave stands, such as 10m or 2h; 10m if left out.")
@click.option("--over", help="The revision it was written over; refused if another is in force now.")
@PART
@passed
def publish(
    invocation: Invocation, /, file: Path | None, number: int | None, over: str | None, **given: str | None
) -> None:
    """Put a document in force, if it has no mistakes, its tests pass and whoever has to has approved it."""
    app = invocation.app()
    shelf = open_policies(app, WRITER)
    said = Said(given["by"], given["note"] or "", given["author"] or "")
    if (file is None) == (number is None):
        raise click.UsageError("Name either a FILE or a --draft.")
    waves = given["waves"]
    asked = read_waves(waves, given["pause"] or "10m") if waves else None
    if file is None:
        kept = shelf.draft(number or 0)
        made, name = _drafted(kept, made_by(app, said)), f"draft {kept.id}"
    elif given["part"]:
        made, name = part_draft(app, given["part"], text_of(file), said, over), str(file)
    else:
        expected = known(app, over).revision if over else shelf.in_force()
        made, name = made_by(app, said, text_of(file), expected), str(file)
    if made.organization:
        publish_part(app, made, name, asked)
        return
    if asked is not None:
        publication = begin(made, asked, shelf, open_rollouts(app, WRITER), app.clock())
    else:
        publication = put_in_force(made, shelf, app.clock())
    show_problems(publication.examination, name)
    show_failures(publication.examination, name)
    if publication.outcome is Outcome.OVERTAKEN:
        shown = publication.in_force or "none"
        raise Rejected(f"{publication.outcome.value}: see officegate policy show {shown[:SHORT]}")
    if publication.outcome is Outcome.ON_ITS_WAY:
        raise Rejected(f"{publication.outcome.value}: officegate policy wave show")
    if publication.outcome is Outcome.NEEDS_APPROVAL:
        wait_for_approval(publication, name)
    if publication.outcome is Outcome.PUBLISHED and publication.preview is not None:
        say_of_grants(publication.preview, app.settings.time_zone)
    if waves and publication.outcome is Outcome.PUBLISHED:
        click.echo(f"{name}: the first wave stands: officegate policy wave show")
        return
    click.echo(f"{name}: revision {(publication.in_force or '')[:SHORT]} {publication.outcome.value}")


def _drafted(kept: StoredDraft, publisher: Draft) -> Draft:
    """What publishing a draft publishes: its author's text, whoever does it."""
    by = f"{publisher.author}, {publisher.by}"
    note = publisher.note or kept.note
    made = Draft(kept.text, kept.author, kept.base or None, note, kept.author_id, by)
    return replace(made, organization=kept.organization)


@policy.command()
@click.argument("revision", required=False)
@click.option("--history", is_flag=True, help="List the revisions instead, the last published first.")
@PART
@passed
def show(invocation: Invocation, revision: str | None, history: bool, part: str | None) -> None:
    """Print the document in force, or that of a revision."""
    app = invocation.app()
    if part and history:
        raise click.UsageError("The revisions of a part: officegate policy history --part ORGANIZATION.")
    if part:
        show_part(app, part, revision)
        return
    with app.database.read() as conn:
        in_force = policies.current(conn)
        versions = policies.versions(conn) if history else []
    for each in versions:
        click.echo(_line(each, in_force, invocation))
    if history:
        return
    found = known(app, revision) if revision else in_force
    if found is None:
        raise Rejected("No policy is in force, so nobody may do anything: officegate policy publish FILE")
    click.echo(found.document, nl=not found.document.endswith("\n"))


@policy.command()
@passed
def zones(invocation: Invocation) -> None:
    """List the zones, what is in them, and every exception: who answers for it, and until when."""
    app = invocation.app()
    with app.database.read() as conn:
        in_force = policies.current(conn)
    document = load(in_force.document) if in_force else None
    if document is None or not document.zones:
        click.echo("The policy in force has no zones.")
        return
    for zone in document.zones.values():
        title = f" ({zone.title.to(app.settings.language)})" if zone.title else ""
        held = ", ".join((*zone.holds, *(f"VLAN {vlan}" for vlan in zone.vlans)))
        click.echo(f"{zone.name}{title}: {held}")
    for each in exceptions(document):
        state = "" if app.clock() < each.end else ", over"
        until = datetime.fromtimestamp(each.end, app.settings.time_zone).strftime("%Y-%m-%d %H:%M")
        click.echo(
            f"exception {each.rule}: {', '.join(each.zones)} beside {', '.join(each.crosses)} "
            f"until {until}{state}, {each.owner}: {each.reason.to(app.settings.language)}"
        )


def _line(version: PolicyVersion, in_force: PolicyVersion | None, invocation: Invocation) -> str:
    zone = invocation.settings.time_zone
    at = datetime.fromtimestamp(version.published_at or version.created_at, zone).strftime("%Y-%m-%d %H:%M")
    mark = "*" if version == in_force else " "
    return f"{mark} {version.revision[:SHORT]}  {at}  {version.author}  {version.note}".rstrip()


def _examine(invocation: Invocation, file: Path) -> Examination:
    return examine(text_of(file), world_of(invocation))

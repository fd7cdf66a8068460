"""What the commands about the policy have in common: documents from files, and what is wrong with them. ◆"""

import getpass
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from access.app import App
from access.changes.publishing import Draft, Examination, Publication
from access.commands.invocation import Invocation
from access.commands.moments import seconds
from access.commands.operator import operator
from access.commands.person import person
from access.model import User
from access.policy.vocabulary import World
from access.store import policies
from access.store.policies import PolicyVersion

SHORT = 12
WRITER = "command-line"
NEEDS_APPROVAL = 3

document = click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
BY = click.option(
    "--by", "by", metavar="ADMINISTRATOR", help="Who does it, as name@organization; they are then known."
)
PART = click.option(
    "--part",
    metavar="ORGANIZATION",
    help="Not the whole document: the part of it that is this company's own.",
)
NOTE = click.option("--note", default="", help="What changed and why; shown beside the revision.")


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of themselves and of a change. by: an administrator's name; author: any other."""

    by: str | None = None
    note: str = ""
    author: str = ""


class Rejected(click.ClickException):
    """The document may not be published; the lines before say why."""

    exit_code = 1


class Waits(click.ClickException):
    """The document may be published once somebody else has approved it."""

    exit_code = NEEDS_APPROVAL


def text_of(file: Path) -> str:
    """The text of a file. Raises Rejected where it is not UTF-8."""
    octets = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise Rejected(f"{file}: line {line} is not UTF-8: save the document in that encoding") from error


def hand_over(file: Path, text: str, revision: str) -> None:
    """Write a text to a file and print its revision; with - the text, and its revision beside it."""
    if str(file) == "-":
        click.echo(text, nl=False)
        click.echo(revision, err=True)
        return
    try:
        file.write_bytes(text.encode())
    except OSError as error:
        raise Rejected(f"{file} cannot be written: {error.strerror}") from error
    click.echo(revision)


def show_problems(examination: Examination, name: object) -> None:
    """Print every mistake. Raises Rejected where there is one."""
    for problem in examination.problems:
        click.echo(f"{name}: {problem}", err=True)
    if examination.problems:
        count = len(examination.problems)
        raise Rejected(f"{name} has {count} {'mistake' if count == 1 else 'mistakes'}")


def show_failures(examination: Examination, name: object) -> None:
    """Print every failed test. Raises Rejected where there is one."""
    for failure in examination.failures:
        click.echo(f"{name}: {failure}", err=True)
    if examination.failures:
        raise Rejected(f"{name} breaks its own tests")


def known(app: App, revision: str) -> PolicyVersion:
    """The version of a revision, or of the only one that begins so. Raises Rejected."""
    with app.database.read() as conn:
        found = policies.version(conn, revision)
    if found is None:
        raise Rejected(f"No revision, or more than one, begins {revision}: officegate policy show --history")
    return found


def user_of(app: App, text: str) -> User:
    """Whom a name means. Raises NobodyMeant."""
    with app.database.read() as conn:
        return person(conn, text)


def made_by(app: App, said: "Said", text: str = "", over: str | None = None) -> Draft:
    """A draft of a text by somebody: a user of ours, or else a name that nobody vouches for."""
    user = user_of(app, said.by) if said.by else None
    name = f"{user.name}@{user.organization}" if user else said.author or getpass.getuser()
    return Draft(text, name, over, said.note, user.id if user else None, operator())


def wait_for_approval(publication: Publication, name: object) -> None:
    """Say who has to agree. Raises Waits."""
    for each in publication.beyond:
        click.echo(
            f"{name}: takes something from {each.affected} of {each.people} in {each.organization}", err=True
        )
    whom = ", ".join(publication.missing)
    raise Waits(f"{publication.outcome.value} ({whom}): officegate policy draft save FILE --submit")


def moment(invocation: Invocation, at: float) -> str:
    """A moment as people read it."""
    return datetime.fromtimestamp(at, invocation.settings.time_zone).strftime("%Y-%m-%d %H:%M")


def world_of(invocation: Invocation) -> World:
    """What the directories know now."""
    with invocation.app().database.read() as conn:
        return policies.world(conn)


def local_moment(invocation: Invocation, asked: datetime) -> float:
    """A moment that was typed, in the time zone of the configuration unless it says another."""
    return seconds(asked, invocation.settings.time_zone)


def shown_moment(invocation: Invocation, at: float) -> str:
    """A moment as commands show it."""
    return datetime.fromtimestamp(at, invocation.settings.time_zone).strftime("%Y-%m-%d %H:%M")

"""officegate policy: check, test, publish and show the policy document. ◆"""

import getpass
import sys
from datetime import datetime
from pathlib import Path

import click

from access.app import App
from access.commands.invocation import Invocation, passed
from access.policy.document import load
from access.policy.mutations import Mutation, unguarded
from access.policy.vocabulary import World
from access.policy.zoning import exceptions
from access.publishing import Draft, Examination, Outcome, examine
from access.publishing import publish as put_in_force
from access.store import policies
from access.store.policies import PolicyVersion, StoredPolicies

_SHORT = 12


class Rejected(click.ClickException):
    """The document may not be published; the lines before say why."""

    exit_code = 1


@click.group()
def policy() -> None:
    """The policy document: check it, try its tests, put it in force, look at it."""


document = click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)


@policy.command()
@document
@passed
def check(invocation: Invocation, file: Path) -> None:
    """Say every mistake in a document, with its line."""
    examination = _examine(invocation, file)
    _show_problems(examination, file)
    click.echo(f"{file}: no mistakes")


@policy.command()
@document
@click.option("--mutations", is_flag=True, help="Name rules that could be changed without any test failing.")
@passed
def test(invocation: Invocation, file: Path, mutations: bool) -> None:
    """Run the tests inside a document."""
    world = _world(invocation)
    examination = examine(_text(file), world)
    _show_problems(examination, file)
    _show_failures(examination, file)
    policy = examination.policy
    count = len(policy.document.tests) if policy else 0
    click.echo(f"{file}: {count} {'test' if count == 1 else 'tests'} passed")
    if mutations and policy:
        _show_unguarded(unguarded(policy, world), len(policy.document.rules), file)


def _show_unguarded(found: list[Mutation], rules: int, file: Path) -> None:
    """Say which rules no test guards, each on one line. Raises Rejected where there is one."""
    for rule_id in dict.fromkeys(each.rule for each in found):
        about = [each for each in found if each.rule == rule_id]
        changes = ", ".join(each.to("en") for each in about)
        click.echo(f"{file}: line {about[0].line}: no test notices when {rule_id!r} {changes}", err=True)
    if found:
        count = len({each.rule for each in found})
        raise Rejected(f"{file}: {count} of {rules} rules could change without any test failing")
    click.echo(f"{file}: every change to any of {rules} {'rule' if rules == 1 else 'rules'} fails a test")


@policy.command()
@document
@click.option("--note", default="", help="What changed and why; shown beside the revision.")
@click.option("--author", default=getpass.getuser, help="Who publishes it; otherwise this account's name.")
@click.option("--over", help="The revision it was written over; refused if another is in force now.")
@passed
def publish(invocation: Invocation, file: Path, note: str, author: str, over: str | None) -> None:
    """Put a document in force, if it has no mistakes and its tests pass."""
    app = invocation.app()
    shelf = StoredPolicies(app.database, app.keyring, app.random, "command-line")
    expected = _known(app, over).revision if over else shelf.in_force()
    publication = put_in_force(Draft(_text(file), author, expected, note), shelf, app.clock())
    _show_problems(publication.examination, file)
    _show_failures(publication.examination, file)
    if publication.outcome is Outcome.OVERTAKEN:
        shown = publication.in_force or "none"
        raise Rejected(f"{publication.outcome.value}: see officegate policy show {shown[:_SHORT]}")
    click.echo(f"{file}: revision {(publication.in_force or '')[:_SHORT]} {publication.outcome.value}")


@policy.command()
@click.argument("revision", required=False)
@click.option("--history", is_flag=True, help="List the revisions instead, the last published first.")
@passed
def show(invocation: Invocation, revision: str | None, history: bool) -> None:
    """Print the document in force, or that of a revision."""
    app = invocation.app()
    with app.database.read() as conn:
        in_force = policies.current(conn)
        versions = policies.versions(conn) if history else []
    for each in versions:
        click.echo(_line(each, in_force, invocation))
    if history:
        return
    found = _known(app, revision) if revision else in_force
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


def _known(app: App, revision: str) -> PolicyVersion:
    """The version of a revision, or of the only one that begins so."""
    with app.database.read() as conn:
        found = policies.version(conn, revision)
    if found is None:
        raise Rejected(f"No revision, or more than one, begins {revision}: officegate policy show --history")
    return found


def _line(version: PolicyVersion, in_force: PolicyVersion | None, invocation: Invocation) -> str:
    zone = invocation.settings.time_zone
    at = datetime.fromtimestamp(version.published_at or version.created_at, zone).strftime("%Y-%m-%d %H:%M")
    mark = "*" if version == in_force else " "
    return f"{mark} {version.revision[:_SHORT]}  {at}  {version.author}  {version.note}".rstrip()


def _examine(invocation: Invocation, file: Path) -> Examination:
    return examine(_text(file), _world(invocation))


def _world(invocation: Invocation) -> World:
    with invocation.app().database.read() as conn:
        return policies.world(conn)


def _text(file: Path) -> str:
    octets = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise Rejected(f"{file}: line {line} is not UTF-8: save the document in that encoding") from error


def _show_problems(examination: Examination, file: Path) -> None:
    for problem in examination.problems:
        click.echo(f"{file}: {problem}", err=True)
    if examination.problems:
        count = len(examination.problems)
        raise Rejected(f"{file} has {count} {'mistake' if count == 1 else 'mistakes'}")


def _show_failures(examination: Examination, file: Path) -> None:
    for failure in examination.failures:
        click.echo(f"{file}: {failure}", err=True)
    if examination.failures:
        raise Rejected(f"{file} breaks its own tests")

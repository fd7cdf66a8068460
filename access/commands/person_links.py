"""officegate person: who works for two companies, as both companies say. ◆"""

from datetime import datetime

import click

from access.app import App, open_links, open_relinks
from access.commands.company import company
from access.commands.invocation import Invocation, passed
from access.commands.person import person as meant
from access.model import User
from access.people.person_link import PROPOSAL_S, Link, LinkState

WRITER = "command-line"
BY = click.option(
    "--by", required=True, metavar="ADMINISTRATOR", help="Who has decided it, as name@organization."
)


@click.group()
def person() -> None:
    """People who work for two companies. USER1 is of the company that proposes, USER2 of the other."""


@person.command()
@click.argument("user1")
@click.argument("user2")
@BY
@passed
def link(invocation: Invocation, user1: str, user2: str, by: str) -> None:
    """Propose that USER1 and USER2 are one person. It counts once the other company approves."""
    app = invocation.app()
    administrator, (one, two) = _named(app, by), (_named(app, each) for each in (user1, user2))
    made = open_links(app, WRITER).propose(administrator, one, two, app.clock())
    click.echo(
        f"Proposal {made.id}: {made.user.login} and {made.other.login} are one person. An administrator of "
        f"{made.other.company} approves it until {_day(app, made.proposed_at + PROPOSAL_S)}: "
        f"officegate person approve {made.id} --by NAME@{made.other.organization}"
    )


@person.command()
@click.argument("number", type=int)
@BY
@passed
def approve(invocation: Invocation, number: int, by: str) -> None:
    """Approve the proposal NUMBER for the company that it was made to."""
    app = invocation.app()
    made = open_links(app, WRITER).approve(_named(app, by), number, app.clock())
    click.echo(f"{made.user.login} and {made.other.login} are one person from now on.")


@person.command()
@click.argument("number", type=int)
@BY
@passed
def cut(invocation: Invocation, number: int, by: str) -> None:
    """Refuse or withdraw the proposal NUMBER, or cut the link, for either company."""
    app = invocation.app()
    made = open_links(app, WRITER).end(_named(app, by), number, app.clock())
    done = "are linked no more" if made.state is LinkState.LINKED else "are not linked"
    click.echo(f"{made.user.login} and {made.other.login} {done}.")


@person.command()
@click.option("--organization", help="Only what concerns this company.")
@passed
def links(invocation: Invocation, organization: str | None) -> None:
    """List what is proposed and what stands."""
    app = invocation.app()
    with app.database.read() as conn:
        only = company(conn, organization).id if organization else None
    found = open_links(app, WRITER).listed(only)
    if not found:
        click.echo("Nobody is linked, and nothing is proposed.")
    for each in found:
        click.echo(f"{each.id}  {each.user.login}  {each.other.login}  {_stands(app, each)}")


@person.command()
@click.option("--organization", help="Only people of this company.")
@passed
def relinks(invocation: Invocation, organization: str | None) -> None:
    """List who looks like somebody that was in the directory before, and what would go on."""
    app = invocation.app()
    found = open_relinks(app, WRITER).candidates(organization)
    if not found:
        click.echo("Nobody looks like somebody who was there before.")
    for each in found:
        moves = ", ".join(f"{count} {what}" for what, count in each.moves.items() if count)
        doubt = "  (the number is that of more people: not possible)" if each.doubtful else ""
        click.echo(
            f"{each.old.user_id} {each.new.user_id}  {each.old.login}, gone since "
            f"{_day(app, each.old.vanished_at or 0.0)}, is {each.new.login} with number {each.new.number}: "
            f"{moves or 'nothing to move'}{doubt}"
        )


@person.command()
@click.argument("old", type=int)
@click.argument("new", type=int)
@BY
@passed
def relink(invocation: Invocation, old: int, new: int, by: str) -> None:
    """Let the account OLD go on under the entry of NEW, by their numbers in `person relinks`."""
    app = invocation.app()
    made = open_relinks(app, WRITER).relink(_named(app, by), old, new, app.clock())
    click.echo(f"{made.new.login} goes on with the phones, passwords, certificates and history of before.")


def _stands(app: App, each: Link) -> str:
    if each.state is LinkState.LINKED:
        return "linked"
    until = _day(app, each.proposed_at + PROPOSAL_S)
    waits = f"proposed, waits for {each.other.organization} until {until}"
    return waits if each.open(app.clock()) else f"proposed, nobody approved it until {until}"


def _named(app: App, text: str) -> User:
    with app.database.read() as conn:
        return meant(conn, text)


def _day(app: App, at: float) -> str:
    return datetime.fromtimestamp(at, app.settings.time_zone).date().isoformat()

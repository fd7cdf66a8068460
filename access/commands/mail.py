"""officegate mail: try the mail server, and see which notices wait for it. ◆"""

from datetime import datetime

import click

from access.app import mail_server
from access.commands.invocation import Invocation, passed
from access.errors import Refused, Unavailable
from access.post.letters import Letter, NotTaken
from access.store import notices


class Undelivered(click.ClickException):
    """The letter did not get to the mail server."""

    exit_code = 1


@click.group()
def mail() -> None:
    """Notices to people by mail: try the server, see what waits."""


@mail.command()
@click.argument("address")
@passed
def test(invocation: Invocation, address: str) -> None:
    """Send a letter to ADDRESS, now, and say what the server answers."""
    server = mail_server(invocation.settings)
    if server is None:
        raise Refused(
            "No mail server is set: people are told nothing by mail. Set mail.server and mail.sender."
        )
    letter = Letter(
        address,
        "Officegate",
        "이 메일은 Officegate의 메일 설정을 시험하기 위해 보냈습니다.\n"
        "This letter tries the mail settings of Officegate.\n",
    )
    try:
        server.send(letter)
    except (NotTaken, Unavailable) as error:
        raise Undelivered(str(error)) from error
    click.echo(f"{server.host}:{server.port} has taken a letter to {address}.")


@mail.command()
@passed
def show(invocation: Invocation) -> None:
    """Say how many notices wait to be sent, since when, and what failed last."""
    app = invocation.app()
    with app.database.read() as conn:
        outbox = notices.outbox(conn)
    if outbox.oldest is None:
        click.echo("No notice waits.")
    else:
        since = datetime.fromtimestamp(outbox.oldest, app.settings.time_zone).isoformat(" ", "seconds")
        click.echo(f"{outbox.waiting} notices wait, the oldest since {since}.")
    if outbox.failure:
        click.echo(f"The last failure: {outbox.failure}")

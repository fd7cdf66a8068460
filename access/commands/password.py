"""officegate password: the network passwords that people have made. ◆"""

from datetime import datetime

import click

from access.app import App, open_credentials, open_identity
from access.commands.company import company
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.commands.person import person, shown
from access.errors import Refused
from access.proof.network_password import PasswordSummary
from access.proof.network_passwords import revoke as revoke_passwords
from access.store import network_passwords

WRITER = "command-line"


@click.group()
def password() -> None:
    """Network passwords, each made by a person for one endpoint. USER is name@organization."""


@password.command("list")
@click.argument("user", required=False)
@click.option("--organization", help="Those of everybody in this organization.")
@passed
def list_(invocation: Invocation, user: str | None, organization: str | None) -> None:
    """List the network passwords of USER, revoked ones too, or those that stand in an organization."""
    app = invocation.app()
    if (user is None) == (organization is None):
        raise Refused("Say whose: officegate password list USER, or --organization ORGANIZATION.")
    with app.database.read() as conn:
        if organization is not None:
            held = network_passwords.held_in(conn, company(conn, organization).id)
            lines = [f"{each.user_name}  {_line(app, each.summary)}" for each in held]
        else:
            whom = person(conn, user or "")
            lines = [_line(app, each) for each in network_passwords.summaries_of(conn, whom.id)]
    for line in lines or ["No network password."]:
        click.echo(line)


@password.command()
@click.argument("user")
@click.option("--id", "password_id", type=int, help="Only this one, by its number in `password list`.")
@passed
def revoke(invocation: Invocation, user: str, password_id: int | None) -> None:
    """Revoke the network passwords of USER, all or one; sessions that were logged in with them end."""
    app = invocation.app()
    with app.database.read() as conn:
        whom = person(conn, user)
    identity = open_identity(app, WRITER, open_credentials(app))
    revoked = revoke_passwords(identity, whom, password_id, operator(), app.clock())
    if not revoked:
        wanted = "no network password" if password_id is None else f"no network password {password_id}"
        raise Refused(f"{shown(whom)} has {wanted} to revoke. See: officegate password list {user}")
    click.echo(f"Revoked {revoked} of {shown(whom)}. The sessions that used them are being ended.")


def _line(app: App, each: PasswordSummary) -> str:
    parts = [
        f"{each.id} {each.nickname}".rstrip(),
        each.endpoint or "bound to no endpoint",
        f"since {_moment(app, each.created_at)}",
        f"last used {_moment(app, each.used_at)} {each.used_place}".rstrip(),
    ]
    if each.revoked_at is not None:
        parts.append(f"revoked {_moment(app, each.revoked_at)}")
    else:
        over = "over since" if not each.stands(app.clock()) else "until"
        parts.append(f"{over} {_moment(app, each.valid_until)}")
    return ", ".join(parts)


def _moment(app: App, at: float | None) -> str:
    if at is None:
        return "never"
    return datetime.fromtimestamp(at, app.settings.time_zone).strftime("%Y-%m-%d %H:%M %Z")

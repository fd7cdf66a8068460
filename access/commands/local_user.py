"""officegate local-user: people who are in no directory, each with somebody who answers for them. ◆"""

from datetime import datetime

import click
from argon2 import PasswordHasher

from access.app import App
from access.commands.company import company
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.commands.person import person
from access.errors import Refused
from access.people import local_user as rules
from access.people.local_user import MOST_DAYS, LocalUser, NewLocalUser
from access.records.audit import AuditEntry
from access.store import audit, local_users
from access.store.database import Connection
from access.store.local_users import Approval

WRITER = "command-line"
KIND = "local-user"
DAYS = click.IntRange(1, MOST_DAYS)


@click.group("local-user")
def local_user() -> None:
    """Contractors and service accounts that are in no directory. USER is name@organization."""


@local_user.command()
@click.argument("name")
@click.option("--organization", required=True, help="Whose guest the person is.")
@click.option("--employer", required=True, help="The company that sends them.")
@click.option("--sponsor", required=True, help="Who answers for them, as name@organization.")
@click.option("--days", type=DAYS, default=MOST_DAYS, show_default=True, help="Until the account ends.")
@click.option("--display-name", default="", help="What pages call them.")
@click.option("--mail", default="", help="Where notices go.")
@click.option("--group", "groups", multiple=True, help="A group of the company; may be given more than once.")
@passed
def add(
    invocation: Invocation, /, name: str, organization: str, days: int, groups: tuple[str, ...], **said: str
) -> None:
    """Add the person NAME, and show a password for them this once."""
    app, now = invocation.app(), invocation.app().clock()
    password = rules.new_password(app.random)
    hashed = PasswordHasher().hash(password)
    with app.database.write() as conn:
        new = NewLocalUser(
            name=name,
            organization_id=company(conn, organization).id,
            display_name=said["display_name"].strip() or name,
            mail=said["mail"].strip(),
            employer=said["employer"].strip(),
            sponsor=person(conn, said["sponsor"]),
            ends_at=now + days * rules.DAY_S,
        )
        rules.check_new(new, now)
        user_id = local_users.add(conn, new, hashed, Approval(operator(), now), app.random)
        known = _by_id(conn, user_id)
        for group in groups:
            local_users.join(conn, known, group, now)
        _record(conn, app, "LOCAL_USER_ADDED", known, {"groups": ", ".join(groups)})
    click.echo(
        f"{known.login} may log in until {_day(app, known.ends_at)}. {known.sponsor} answers for them."
    )
    click.echo(f"The password, shown this once: {password}")


@local_user.command("list")
@passed
def list_(invocation: Invocation) -> None:
    """List everybody who is in no directory."""
    app = invocation.app()
    with app.database.read() as conn:
        known = local_users.listed(conn)
    if not known:
        click.echo("Nobody is in no directory.")
    for each in known:
        click.echo(_line(app, each))


@local_user.command()
@click.argument("user")
@click.option("--days", type=DAYS, required=True, help="From today until the account ends.")
@passed
def extend(invocation: Invocation, user: str, days: int) -> None:
    """Approve USER again, until another end."""
    app, now = invocation.app(), invocation.app().clock()
    until = now + days * rules.DAY_S
    with app.database.write() as conn:
        known = _known(conn, user)
        rules.check_end(until, now)
        rules.check_sponsor(person(conn, known.sponsor))
        local_users.extend(conn, known, until, Approval(operator(), now))
        _record(conn, app, "LOCAL_USER_EXTENDED", known, {"until": _day(app, until)})
    click.echo(f"{known.login} may log in until {_day(app, until)}.")


@local_user.command()
@click.argument("user")
@passed
def end(invocation: Invocation, user: str) -> None:
    """Let USER in no more, from now on; sessions end."""
    app = invocation.app()
    with app.database.write() as conn:
        known = _known(conn, user)
        local_users.end(conn, known, app.clock())
        _record(conn, app, "LOCAL_USER_ENDED", known)
    click.echo(f"{known.login} may log in no more.")


@local_user.command()
@click.argument("user")
@passed
def password(invocation: Invocation, user: str) -> None:
    """Give USER another password, and show it this once."""
    app = invocation.app()
    fresh = rules.new_password(app.random)
    hashed = PasswordHasher().hash(fresh)
    with app.database.write() as conn:
        known = _known(conn, user)
        local_users.set_password(conn, known, hashed, app.clock())
        _record(conn, app, "LOCAL_USER_PASSWORD", known)
    click.echo(f"The new password of {known.login}, shown this once: {fresh}")


@local_user.command()
@click.argument("user")
@click.argument("group")
@passed
def join(invocation: Invocation, user: str, group: str) -> None:
    """Put USER into a group of their company, given as organization/group."""
    app = invocation.app()
    with app.database.write() as conn:
        known = _known(conn, user)
        local_users.join(conn, known, group, app.clock())
        _record(conn, app, "LOCAL_USER_JOINED", known, {"group": group})
    click.echo(f"{known.login} is in {group}.")


@local_user.command()
@click.argument("user")
@click.argument("group")
@passed
def leave(invocation: Invocation, user: str, group: str) -> None:
    """Take USER out of a group."""
    app = invocation.app()
    with app.database.write() as conn:
        known = _known(conn, user)
        if not local_users.leave(conn, known, group, app.clock()):
            raise Refused(f"{known.login} is not in {group}.")
        _record(conn, app, "LOCAL_USER_LEFT", known, {"group": group})
    click.echo(f"{known.login} is not in {group} any more.")


def _known(conn: Connection, text: str) -> LocalUser:
    found = local_users.by_id(conn, person(conn, text).id)
    if found is None:
        raise Refused(f"{text} is in a directory: change it there. See: officegate local-user list")
    return found


def _by_id(conn: Connection, user_id: int) -> LocalUser:
    found = local_users.by_id(conn, user_id)
    assert found is not None, "just added"
    return found


def _line(app: App, each: LocalUser) -> str:
    until = f"ended {_day(app, each.ends_at)}" if each.ended else f"until {_day(app, each.ends_at)}"
    approved = f"approved {_day(app, each.approved_at)} by {each.approved_by}"
    return f"{each.login}  {each.display_name} ({each.employer})  sponsor {each.sponsor}  {until}  {approved}"


def _day(app: App, at: float) -> str:
    return datetime.fromtimestamp(at, app.settings.time_zone).date().isoformat()


def _record(
    conn: Connection, app: App, reason: str, known: LocalUser, more: dict[str, str] | None = None
) -> None:
    detail = {"user": known.login, "sponsor": known.sponsor, "by": operator()} | (more or {})
    entry = AuditEntry(KIND, app.clock(), reason, known.organization_id, known.user_id, detail=detail)
    audit.record(conn, WRITER, entry, app.keyring, app.random)

"""officegate group: groups that are kept here, each with somebody who answers for it. ◆"""

from datetime import datetime

import click

from access.app import App, budget
from access.commands.company import company
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.commands.person import person
from access.errors import Refused
from access.people import local_group as rules
from access.people.local_group import MOST_DAYS, Act, LocalGroup, NewLocalGroup
from access.records.audit import AuditEntry
from access.store import audit, local_groups
from access.store.database import Connection
from access.store.put_off import Taker, within_budget

WRITER = "command-line"
GROUP = "group:"
USUAL_DAYS = 90
DAYS = click.IntRange(1, MOST_DAYS)
SURE = click.option("--sure", is_flag=True, help="Also where it takes more than one person may take.")


@click.group()
def group() -> None:
    """Groups that are kept here and in no directory. GROUP is organization/name."""


@group.command()
@click.argument("group")
@click.option("--owner", required=True, help="Who answers for it, as name@organization.")
@click.option("--purpose", required=True, help="What it is for.")
@passed
def add(invocation: Invocation, group: str, owner: str, purpose: str) -> None:
    """Make a group with nobody in it."""
    app = invocation.app()
    key, _, named = group.partition("/")
    with app.database.write() as conn:
        answers = person(conn, owner)
        rules.check_owner(answers, app.clock())
        spelt, why = rules.check_name(named), rules.purpose_of(purpose)
        new = NewLocalGroup(company(conn, key).id, spelt, answers, why)
        local_groups.add(conn, new, _act(app), app.random)
        known = _known(conn, group)
        _record(conn, app, "LOCAL_GROUP_ADDED", known, {"purpose": new.purpose})
    click.echo(f"{known.name} is there. {known.owner} answers for it.")


@group.command("list")
@passed
def list_(invocation: Invocation) -> None:
    """List the groups that are kept here."""
    app = invocation.app()
    with app.database.read() as conn:
        found = [(each, local_groups.members(conn, each.id)) for each in local_groups.all_groups(conn)]
    if not found:
        click.echo("No group is kept here.")
    for each, members in found:
        click.echo(f"{each.name}  {len(members)} listed  owner {each.owner}  {each.purpose}")


@group.command()
@click.argument("group")
@passed
def show(invocation: Invocation, group: str) -> None:
    """Say who is listed in GROUP, and until when."""
    app = invocation.app()
    with app.database.read() as conn:
        known = _known(conn, group)
        members = local_groups.members(conn, known.id)
    click.echo(f"{known.name}  owner {known.owner}  {known.purpose}")
    for each in members:
        since, until = _moment(app, each.added_at), _moment(app, each.until)
        click.echo(f"{each.who}  until {until}  since {since} by {each.added_by}")


@group.command()
@click.argument("group")
@click.argument("member")
@click.option("--days", type=DAYS, default=USUAL_DAYS, show_default=True, help="Until it ends.")
@SURE
@passed
def join(invocation: Invocation, group: str, member: str, days: int, sure: bool) -> None:
    """List MEMBER in GROUP, or give that another end: name@organization, or group:organization/name."""
    app = invocation.app()
    act = _act(app)
    until = act.at + days * rules.DAY_S
    with app.database.write() as conn:
        known = _known(conn, group)
        rules.check_end(until, act.at)
        with within_budget(conn, known, Taker(None, budget(app.settings), sure), act.at):
            _put(conn, known, member, until, act)
        _record(conn, app, "LOCAL_GROUP_JOINED", known, {"member": member, "until": _moment(app, until)})
    click.echo(f"{member} is in {known.name} until {_moment(app, until)}.")


@group.command()
@click.argument("group")
@click.argument("member")
@SURE
@passed
def leave(invocation: Invocation, group: str, member: str, sure: bool) -> None:
    """Take MEMBER off the list of GROUP."""
    app = invocation.app()
    now = app.clock()
    with app.database.write() as conn:
        known = _known(conn, group)
        with within_budget(conn, known, Taker(None, budget(app.settings), sure), now):
            if member.startswith(GROUP):
                left = local_groups.take_group(conn, known, _group_id(conn, known, member), now)
            else:
                left = local_groups.take_user(conn, known, person(conn, member).id, now)
        if not left:
            raise Refused(f"{member} is not listed in {known.name}: officegate group show {known.name}")
        _record(conn, app, "LOCAL_GROUP_LEFT", known, {"member": member})
    click.echo(f"{member} is not listed in {known.name} any more.")


@group.command()
@click.argument("group")
@click.argument("user")
@passed
def owner(invocation: Invocation, group: str, user: str) -> None:
    """Let USER answer for GROUP."""
    app = invocation.app()
    with app.database.write() as conn:
        known, answers = _known(conn, group), person(conn, user)
        rules.check_owner(answers, app.clock())
        local_groups.hand_over(conn, known, answers, app.clock())
        _record(conn, app, "LOCAL_GROUP_OWNER", known, {"owner": f"{answers.name}@{answers.organization}"})
    click.echo(f"{answers.name}@{answers.organization} answers for {known.name}.")


@group.command()
@click.argument("group")
@click.option("--yes", is_flag=True, help="Do not ask.")
@SURE
@passed
def remove(invocation: Invocation, group: str, yes: bool, sure: bool) -> None:
    """Take GROUP away: whoever is in it loses what it gives."""
    app = invocation.app()
    with app.database.read() as conn:
        known = _known(conn, group)
    if not yes:
        click.confirm(f"Take {known.name} away from everybody who is in it?", abort=True)
    with app.database.write() as conn:
        with within_budget(conn, known, Taker(None, budget(app.settings), sure), app.clock()):
            local_groups.remove(conn, known, app.clock())
        _record(conn, app, "LOCAL_GROUP_REMOVED", known)
    click.echo(f"{known.name} is gone.")


def _put(conn: Connection, known: LocalGroup, member: str, until: float, act: Act) -> None:
    if member.startswith(GROUP):
        local_groups.put_group(conn, known, _group_id(conn, known, member), until, act)
    else:
        somebody = person(conn, member)
        _same_company(known, somebody.organization)
        local_groups.put_user(conn, known, somebody.id, until, act)


def _known(conn: Connection, text: str) -> LocalGroup:
    key, _, name = text.partition("/")
    found = local_groups.by_name(conn, company(conn, key).id, rules.check_name(name))
    if found is None:
        raise Refused(f"{text} is not kept here: see officegate group list")
    return found


def _group_id(conn: Connection, known: LocalGroup, text: str) -> int:
    key, _, name = text.removeprefix(GROUP).partition("/")
    _same_company(known, company(conn, key).key)
    return local_groups.group_id_of(conn, known.organization_id, name.lower())


def _same_company(known: LocalGroup, key: str) -> None:
    own = known.name.partition("/")[0]
    if own != key:
        raise Refused(f"A group of {own} has nobody of {key} in it.")


def _act(app: App) -> Act:
    return Act(operator(), app.clock())


def _moment(app: App, at: float) -> str:
    return datetime.fromtimestamp(at, app.settings.time_zone).strftime("%Y-%m-%d %H:%M")


def _record(
    conn: Connection, app: App, reason: str, known: LocalGroup, more: dict[str, str] | None = None
) -> None:
    detail = {"group": known.name, "by": _act(app).by} | (more or {})
    entry = AuditEntry("local-group", app.clock(), reason, known.organization_id, detail=detail)
    audit.record(conn, WRITER, entry, app.keyring, app.random)

"""officegate session: who is on the network; ending a session, or having it log in anew. ◆"""

from datetime import datetime

import click

from access.app import App
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.errors import Refused
from access.logins.network_session import NetworkSession, Wish
from access.store import audit, wishes
from access.store import nas as clients
from access.store.sessions import open_sessions, session_by_id

WRITER = "command-line"
WORDS = {Wish.END: "end", Wish.REAUTHENTICATE: "log in anew"}


@click.group()
def session() -> None:
    """Sessions on the network: list them, end one, have one log in anew."""


@session.command("list")
@click.option("--user", "name", default="", help="Only those whose name begins so.")
@passed
def list_(invocation: Invocation, name: str) -> None:
    """List every open session."""
    app = invocation.app()
    with app.database.read() as conn:
        known = [each for each in open_sessions(conn) if each.user_name.startswith(name)]
        names = {client.id: client.name for client in clients.all_clients(conn, app.keyring)}
    if not known:
        click.echo("Nobody is connected.")
    for each in known:
        click.echo(_line(app, each, names.get(each.nas_id, "-")))


@session.command()
@click.argument("session_id", type=int)
@passed
def disconnect(invocation: Invocation, session_id: int) -> None:
    """Have the NAS end a session."""
    _ask(invocation.app(), session_id, Wish.END)


@session.command()
@click.argument("session_id", type=int)
@passed
def reauthenticate(invocation: Invocation, session_id: int) -> None:
    """Have the endpoint of a session log in anew; where the NAS cannot, the session ends."""
    _ask(invocation.app(), session_id, Wish.REAUTHENTICATE)


def _ask(app: App, session_id: int, wish: Wish) -> None:
    by = operator()
    with app.database.write() as conn:
        known = session_by_id(conn, session_id)
        if known is None:
            raise Refused(f"There is no session {session_id}. See: officegate session list")
        asked = wishes.ask(conn, known, wish, app.clock(), by=by)
        if asked is None:
            raise Refused(f"Session {session_id} has ended, or was asked for that already.")
        audit.record(conn, WRITER, asked, app.keyring, app.random)
    click.echo(f"The NAS is asked to have session {session_id} {WORDS[wish]}: officegate session list")


def _line(app: App, each: NetworkSession, nas: str) -> str:
    since = datetime.fromtimestamp(each.started_at or each.admitted_at, app.settings.time_zone)
    words = [
        f"{each.id}",
        each.state.value,
        each.user_name or each.calling_station,
        each.via,
        " ".join(sorted(each.networks)) or "-",
        f"at {nas}",
        each.calling_station or "-",
        f"VLAN {each.vlan or '-'}",
        f"since {since:%Y-%m-%d %H:%M:%S}",
    ]
    if each.disconnect:
        words.append(f"{each.wish.value} {each.disconnect.value}: {each.disconnect_note}".rstrip(": "))
    return "  ".join(words)

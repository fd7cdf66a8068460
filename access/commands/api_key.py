"""officegate api-key: which other applications may ask, and for what. ◆"""

from datetime import datetime

import click

from access.app import App
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.errors import Refused
from access.keys.api_key import ApiKey, NewApiKey, Scope
from access.records.audit import AuditEntry
from access.store import api_keys, audit, organizations
from access.store.database import Connection

WRITER = "command-line"
KIND = "api-key"


@click.group("api-key")
def api_key() -> None:
    """Keys by which other applications may ask."""


@api_key.command()
@click.argument("name")
@click.option("--organization", required=True, help="About whose people it may ask: the key of a company.")
@click.option(
    "--scope",
    "scopes",
    required=True,
    multiple=True,
    type=click.Choice([each.value for each in Scope]),
    help="What it is good for; may be given more than once.",
)
@passed
def add(invocation: Invocation, name: str, organization: str, scopes: tuple[str, ...]) -> None:
    """Make a key for the application NAME, and show it this once."""
    app = invocation.app()
    with app.database.write() as conn:
        known = organizations.all_organizations(conn)
        meant = next((each for each in known if each.key == organization), None)
        if meant is None:
            keys = ", ".join(each.key for each in known)
            raise Refused(f"No organization {organization!r}: write one of {keys}.")
        if api_keys.standing(conn, name) is not None:
            raise Refused(f"{name} has a key already. Revoke it first: officegate api-key revoke {name}")
        new = NewApiKey(name, meant.id, frozenset(map(Scope, scopes)), app.clock())
        made = api_keys.add(conn, new, app.random)
        _record(conn, app, "API_KEY_ADDED", name, meant.id)
    click.echo(f"The key of {name}, shown this once: {made}")


@api_key.command("list")
@passed
def list_(invocation: Invocation) -> None:
    """Every key: its application, company, what it is good for, and when it was last used."""
    app = invocation.app()
    with app.database.read() as conn:
        known = api_keys.listed(conn)
    if not known:
        click.echo("No application has a key.")
    for each in known:
        click.echo(_line(app, each))


@api_key.command()
@click.argument("name")
@passed
def revoke(invocation: Invocation, name: str) -> None:
    """Let the application NAME in no more."""
    app = invocation.app()
    with app.database.write() as conn:
        known = api_keys.standing(conn, name)
        if known is None:
            raise Refused(f"{name} has no key. See: officegate api-key list")
        api_keys.revoke(conn, known.id, app.clock())
        _record(conn, app, "API_KEY_REVOKED", name, known.organization_id)
    click.echo(f"The key of {name} is revoked.")


def _line(app: App, key: ApiKey) -> str:
    scopes = " ".join(sorted(key.scopes))
    stands = f"last used {_moment(app, key.used_at)}"
    if key.revoked_at is not None:
        stands = f"revoked {_moment(app, key.revoked_at)}"
    return f"{key.name}: {key.organization}, {scopes}, made {_moment(app, key.created_at)}, {stands}"


def _moment(app: App, at: float | None) -> str:
    if at is None:
        return "never"
    return datetime.fromtimestamp(at, app.settings.time_zone).isoformat(" ", "seconds")


def _record(conn: Connection, app: App, reason: str, name: str, organization_id: int) -> None:
    detail = {"application": name, "by": operator()}
    entry = AuditEntry(KIND, app.clock(), reason, organization_id, detail=detail)
    audit.record(conn, WRITER, entry, app.keyring, app.random)

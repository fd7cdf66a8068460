"""officegate nas: the devices that ask RADIUS, added and removed without a restart. ◆"""

import secrets as random_secrets
from getpass import getuser
from pathlib import Path
from typing import Any

import click

from access.app import App
from access.audit import AuditEntry
from access.commands.company import company
from access.commands.invocation import Invocation, passed
from access.commands.nas_certificate import certificate
from access.errors import Refused
from access.model import Via
from access.registry import (
    GENERATED_SECRET_OCTETS,
    BadNas,
    Code,
    MessageAuthenticator,
    NasClient,
    check_name,
    check_secret,
    read_network,
)
from access.store import audit
from access.store import nas as clients
from access.store.database import Connection
from access.store.devices import device_by_name
from radius.vendor.families import FAMILIES

WRITER = "command-line"


@click.group()
def nas() -> None:
    """Devices that ask RADIUS: access points, switches, VPN gateways."""


nas.add_command(certificate)


@nas.command()
@click.argument("name")
@click.option("--address", required=True, help="Where it asks from: an address or a network (CIDR).")
@click.option("--organization", required=True, help="Whose users log in there when no realm is given.")
@click.option("--via", type=click.Choice(["vpn", "wired", "wireless"]), required=True)
@click.option(
    "--code", type=click.Choice([each.value for each in Code]), default="appended", show_default=True
)
@click.option("--secret-file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--message-authenticator",
    type=click.Choice([each.value for each in MessageAuthenticator]),
    default="require",
)
@click.option("--vendor", type=click.Choice(sorted(FAMILIES)), default="generic", show_default=True)
@click.option("--site", default="")
@click.option("--group", "nas_group", default="", help="A name that policy can ask for as nas_group.")
@click.option("--gateway", default="", help="The device that enforces what its sessions reach.")
@click.option("--coa-port", type=click.IntRange(1, 65535), help="Left out: the usual one of its vendor.")
@click.option("--mab", is_flag=True, help="Endpoints may log in by their MAC address.")
@click.option("--eap/--no-eap", default=True, show_default=True)
@passed
def add(invocation: Invocation, /, name: str, secret_file: Path | None, **options: Any) -> None:
    """Let a device NAME ask RADIUS. Without --secret-file a secret is made and shown once."""
    app = invocation.app()
    secret = _read(secret_file) if secret_file else random_secrets.token_urlsafe(GENERATED_SECRET_OCTETS)
    with app.database.write() as conn:
        client = _described(conn, name, check_secret(secret), options)
        nas_id = clients.add(conn, app.keyring, client, app.clock(), app.random)
        _tell(conn, app, "NAS_ADDED", client, nas_id)
    click.echo(f"{name} may ask from {client.network}.")
    if secret_file is None:
        click.echo(f"Its secret, shown this once: {secret}")


@nas.command("list")
@passed
def list_(invocation: Invocation) -> None:
    """List every device that may ask."""
    app = invocation.app()
    with app.database.read() as conn:
        known = [client for client in clients.all_clients(conn, app.keyring) if client.enabled]
    if not known:
        click.echo("No device may ask yet. Add one: officegate nas add NAME --address ...")
    for client in known:
        click.echo(_line(client))


@nas.command()
@click.argument("name")
@passed
def show(invocation: Invocation, name: str) -> None:
    """Show one device. Its secret is not shown."""
    app = invocation.app()
    with app.database.read() as conn:
        client = _known(conn, app, name)
    click.echo(_line(client))
    click.echo(f"  vendor {client.vendor}, site {client.site or '-'}, group {client.nas_group or '-'}")
    click.echo(f"  EAP {_yes(client.eap)}, MAC addresses {_yes(client.mab)}, CoA port {client.coa_port}")


@nas.command()
@click.argument("name")
@passed
def remove(invocation: Invocation, name: str) -> None:
    """Stop answering a device."""
    app = invocation.app()
    with app.database.write() as conn:
        client = _known(conn, app, name)
        clients.remove(conn, client, app.clock())
        _tell(conn, app, "NAS_REMOVED", client, client.id)
    click.echo(f"{name} is not answered any more.")


def _described(conn: Connection, name: str, secret: str, options: dict[str, Any]) -> NasClient:
    gateway = options["gateway"]
    return NasClient(
        id=0,
        organization_id=company(conn, options["organization"]).id,
        name=check_name(name),
        network=read_network(options["address"]),
        secrets=(secret,),
        via=Via(options["via"]),
        code=Code(options["code"]),
        message_authenticator=MessageAuthenticator(options["message_authenticator"]),
        vendor=options["vendor"],
        site=options["site"] and check_name(options["site"]),
        nas_group=options["nas_group"] and check_name(options["nas_group"]),
        mab=options["mab"],
        eap=options["eap"],
        gateway_id=device_by_name(conn, gateway).id if gateway else None,
        coa_port=options["coa_port"] or FAMILIES[options["vendor"]].port,
    )


def _known(conn: Connection, app: App, name: str) -> NasClient:
    client = clients.client_by_name(conn, app.keyring, name)
    if client is None or not client.enabled:
        raise Refused(f"There is no NAS named {name}. See: officegate nas list")
    return client


def _tell(conn: Connection, app: App, reason: str, client: NasClient, nas_id: int) -> None:
    detail = {
        "nas": nas_id,
        "name": client.name,
        "network": str(client.network),
        "via": client.via.value,
        "code": client.code.value,
        "by": f"{getuser()} at the command line",
    }
    entry = AuditEntry("nas", app.clock(), reason, client.organization_id, detail=detail)
    audit.record(conn, WRITER, entry, app.keyring, app.random)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise BadNas(f"{path} is not UTF-8: write the secret in printable ASCII.") from error


def _line(client: NasClient) -> str:
    return (
        f"{client.name}  {client.network}  {client.via.value}, code {client.code.value},"
        f" Message-Authenticator {client.message_authenticator.value}"
    )


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"

"""officegate nas: the devices that ask RADIUS, added, changed and removed without a restart. ◆"""

import secrets as random_secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from access.app import App, hashes_compared, radius_status
from access.commands.company import company
from access.commands.invocation import Invocation, passed
from access.commands.nas_certificate import certificate
from access.commands.operator import operator
from access.errors import Refused
from access.model import Via
from access.nas import nas_clients
from access.nas.nas_clients import Hand
from access.nas.nas_rules import eap_methods, read_methods
from access.nas.registry import (
    CODE_DIGITS,
    GENERATED_SECRET_OCTETS,
    BadNas,
    Code,
    MessageAuthenticator,
    NasClient,
    check_name,
    check_secret,
    read_network,
)
from access.radius.radius_status import Traffic
from access.store import nas as clients
from access.store import nas_certificates
from access.store.database import Connection
from access.store.devices import device_by_name
from access.store.nas import StoredNas
from radius.vendor.families import FAMILIES

WRITER = "command-line"
VIAS = ("vpn", "wired", "wireless", "device")
DIGITS = click.Choice([f"{each}" for each in CODE_DIGITS])
CODES = [each.value for each in Code]
SIGNING = [each.value for each in MessageAuthenticator]
SECRET_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def nas() -> None:
    """Devices that ask RADIUS: access points, switches, VPN gateways."""


nas.add_command(certificate)


@nas.command()
@click.argument("name")
@click.option("--address", required=True, help="Where it asks from: an address or a network (CIDR).")
@click.option("--organization", required=True, help="Whose users log in there when no realm is given.")
@click.option("--via", type=click.Choice(VIAS), required=True)
@click.option("--code", type=click.Choice(CODES), default="appended", show_default=True)
@click.option(
    "--code-digits", type=DIGITS, default="6", show_default=True, help="Of a code behind the password."
)
@click.option("--secret-file", type=SECRET_FILE)
@click.option("--message-authenticator", type=click.Choice(SIGNING), default="require")
@click.option("--vendor", type=click.Choice(sorted(FAMILIES)), default="generic", show_default=True)
@click.option("--site", default="")
@click.option("--group", default="", help="A name that policy can ask for as nas_group.")
@click.option("--gateway", default="", help="The device that enforces what its sessions reach.")
@click.option("--coa-port", type=click.IntRange(1, 65535), help="Left out: the usual one of its vendor.")
@click.option("--mab", is_flag=True, help="Endpoints may log in by their MAC address.")
@click.option("--eap/--no-eap", default=True, show_default=True)
@click.option("--eap-methods", default="", help="With commas, the preferred one first.")
@passed
def add(invocation: Invocation, /, name: str, secret_file: Path | None, **options: Any) -> None:
    """Let a device NAME ask RADIUS. Without --secret-file a secret is made and shown once."""
    app = invocation.app()
    secret = _secret(secret_file)
    with app.database.write() as conn:
        blank = NasClient(0, 0, check_name(name), read_network(options["address"]), (secret,), Via.VPN)
        client = replace(blank, **_described(conn, options))
        warnings = nas_clients.add_client(_ports(conn, app), client, _hand(app))
    click.echo(f"{name} may ask from {client.network}.")
    _show_secret(secret, secret_file)
    _warn(warnings)


@nas.command("set")
@click.argument("name")
@click.option("--name", "new_name", help="Another name.")
@click.option("--address", help="Where it asks from: an address or a network (CIDR).")
@click.option("--organization", help="Whose users log in there when no realm is given.")
@click.option("--via", type=click.Choice(VIAS))
@click.option("--code", type=click.Choice(CODES))
@click.option("--code-digits", type=DIGITS, help="Of a code behind the password.")
@click.option("--message-authenticator", type=click.Choice(SIGNING))
@click.option("--vendor", type=click.Choice(sorted(FAMILIES)))
@click.option("--site")
@click.option("--group", help="A name that policy can ask for as nas_group.")
@click.option("--gateway", help="The device that enforces what its sessions reach.")
@click.option(
    "--coa-port", type=click.IntRange(1, 65535), help="Left out: as it is, or that of a new vendor."
)
@click.option("--mab/--no-mab", default=None, help="Whether endpoints may log in by their MAC address.")
@click.option("--eap/--no-eap", default=None)
@click.option("--eap-methods", help="With commas, the preferred one first; empty for the usual ones.")
@passed
def set_(invocation: Invocation, /, name: str, **options: Any) -> None:
    """Change what is given about a device NAME; the rest stays. Its secret: officegate nas rotate."""
    given = {option: value for option, value in options.items() if value is not None}
    if not given:
        raise Refused("Nothing is to be changed. See: officegate nas set --help")
    with _changing(invocation, name) as (conn, app, before):
        after = replace(before, **_described(conn, given))
        if "message_authenticator" in given:
            after = nas_clients.learn_signing_anew(after, after.message_authenticator)
        warnings = nas_clients.change_client(_ports(conn, app), before, after, _hand(app))
    click.echo(_line(after))
    _warn(warnings)


@nas.command()
@click.argument("name")
@click.option("--secret-file", type=SECRET_FILE)
@click.option("--finish", "end", flag_value="finish", help="End the old secret.")
@click.option(
    "--finish-unseen",
    "end",
    flag_value="finish-unseen",
    help="The same for a device that never used the new one.",
)
@click.option("--abandon", "end", flag_value="abandon", help="End the new secret instead.")
@passed
def rotate(invocation: Invocation, name: str, secret_file: Path | None, end: str | None) -> None:
    """Give a device NAME a second secret, valid beside the first until --finish."""
    if end is not None:
        with _changing(invocation, name) as (conn, app, client):
            if end == "abandon":
                nas_clients.abandon(_ports(conn, app), client, _hand(app))
            else:
                nas_clients.finish(_ports(conn, app), client, _hand(app), end == "finish-unseen")
        click.echo(f"{name} has its {'old' if end == 'abandon' else 'new'} secret alone.")
        return
    secret = _secret(secret_file)
    with _changing(invocation, name) as (conn, app, client):
        warnings = nas_clients.rotate(_ports(conn, app), client, secret, _hand(app))
    click.echo(f"{name} may use its old and its new secret. Put the new one into the device, then --finish.")
    _show_secret(secret, secret_file)
    _warn(warnings)


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
        held = nas_certificates.of_nas(conn, client.id)
    click.echo(_line(client))
    click.echo(f"  vendor {client.vendor}, site {client.site or '-'}, group {client.nas_group or '-'}")
    methods = f" ({', '.join(eap_methods(client))})" if client.eap else ""
    click.echo(
        f"  EAP {_yes(client.eap)}{methods}, MAC addresses {_yes(client.mab)}, CoA port {client.coa_port}"
    )
    for each in held:
        click.echo(f"  RadSec: {each.pin.value} {each.value}")
    if client.message_authenticator is MessageAuthenticator.AUTO:
        click.echo(f"  signs: {_time(app, client.signs_since, 'not seen yet')}")
    if len(client.secrets) > 1:
        old, new = (_time(app, each, "never") for each in client.secrets_seen)
        click.echo(f"  two secrets: the old one last used {old}, the new one {new}")
    _show_traffic(app, radius_status(app.settings).traffic_of(client.name))


@nas.command()
@click.argument("name")
@passed
def remove(invocation: Invocation, name: str) -> None:
    """Stop answering a device."""
    with _changing(invocation, name) as (conn, app, client):
        nas_clients.remove_client(_ports(conn, app), client, _hand(app))
    click.echo(f"{name} is not answered any more.")


@contextmanager
def _changing(invocation: Invocation, name: str) -> Iterator[tuple[Connection, App, NasClient]]:
    """A device as it is, in the transaction that changes it."""
    app = invocation.app()
    with app.database.write() as conn:
        yield conn, app, _known(conn, app, name)


@dataclass(frozen=True, slots=True)
class _Field:
    """How an option becomes a field of a NasClient."""

    name: str
    read: Callable[[Connection, Any], Any]


def _optional_name(_conn: Connection, text: str) -> str:
    return text and check_name(text)


FIELDS = {
    "new_name": _Field("name", lambda _conn, text: check_name(text)),
    "address": _Field("network", lambda _conn, text: read_network(text)),
    "organization": _Field("organization_id", lambda conn, text: company(conn, text).id),
    "via": _Field("via", lambda _conn, text: Via(text)),
    "code": _Field("code", lambda _conn, text: Code(text)),
    "code_digits": _Field("code_digits", lambda _conn, text: int(text)),
    "message_authenticator": _Field("message_authenticator", lambda _conn, text: MessageAuthenticator(text)),
    "vendor": _Field("vendor", lambda _conn, text: text),
    "site": _Field("site", _optional_name),
    "group": _Field("nas_group", _optional_name),
    "gateway": _Field("gateway_id", lambda conn, text: device_by_name(conn, text).id if text else None),
    "coa_port": _Field("coa_port", lambda _conn, port: port),
    "mab": _Field("mab", lambda _conn, yes: yes),
    "eap": _Field("eap", lambda _conn, yes: yes),
    "eap_methods": _Field("eap_methods", lambda _conn, text: read_methods(text)),
}


def _described(conn: Connection, options: dict[str, Any]) -> dict[str, Any]:
    """The fields that the options mean; a port that is left out is the usual one of its vendor."""
    if "vendor" in options and options.get("coa_port") is None:
        options = {**options, "coa_port": FAMILIES[options["vendor"]].port}
    return {FIELDS[name].name: FIELDS[name].read(conn, value) for name, value in options.items()}


def _known(conn: Connection, app: App, name: str) -> NasClient:
    client = clients.client_by_name(conn, app.keyring, name)
    if client is None or not client.enabled:
        raise Refused(f"There is no NAS named {name}. See: officegate nas list")
    return client


def _ports(conn: Connection, app: App) -> StoredNas:
    return StoredNas(conn, app.keyring, app.random, WRITER, hashes_compared(app.settings))


def _hand(app: App) -> Hand:
    return Hand(operator(), app.clock())


def _secret(file: Path | None) -> str:
    """The secret in a file, else a new one. Raises BadNas."""
    if file is None:
        return random_secrets.token_urlsafe(GENERATED_SECRET_OCTETS)
    try:
        return check_secret(file.read_text(encoding="utf-8").strip())
    except UnicodeDecodeError as error:
        raise BadNas(f"{file} is not UTF-8: write the secret in printable ASCII.") from error


def _show_secret(secret: str, file: Path | None) -> None:
    if file is None:
        click.echo(f"Its secret, shown this once: {secret}")


def _warn(warnings: list[str]) -> None:
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)


def _show_traffic(app: App, traffic: Traffic) -> None:
    """Print what a NAS did, summed over the workers of this machine."""
    if not traffic.counts:
        click.echo("  no worker of this machine has heard of it")
        return
    counted = ", ".join(f"{count} {name}" for name, count in traffic.counts.items() if count)
    click.echo(f"  since {_time(app, traffic.since, 'never')}: {counted}")
    if traffic.bad_last is not None:
        began, last = (_time(app, at, "never") for at in (traffic.bad_began, traffic.bad_last))
        click.echo(f"  packets made with another secret: since {began}, the last {last}")


def _line(client: NasClient) -> str:
    return (
        f"{client.name}  {client.network}  {client.via.value}, code {client.code.value}{_digits(client)},"
        f" Message-Authenticator {client.message_authenticator.value}"
    )


def _digits(client: NasClient) -> str:
    """How long the code is, where that is not the usual."""
    unusual = client.code is Code.APPENDED and client.code_digits != CODE_DIGITS[0]
    return f" ({client.code_digits} digits)" if unusual else ""


def _time(app: App, at: float | None, never: str) -> str:
    if at is None:
        return never
    return datetime.fromtimestamp(at, app.settings.time_zone).isoformat(sep=" ", timespec="seconds")


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"

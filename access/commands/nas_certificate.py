"""officegate nas certificate: by which certificates a NAS may connect with RadSec. ◆"""

from pathlib import Path

import click

from access.app import App, hashes_compared
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.errors import Refused
from access.nas import nas_clients
from access.nas.nas_certificate import NasCertificate, by_fingerprint, by_name, of_file
from access.nas.nas_clients import Hand
from access.nas.registry import BadNas, NasClient
from access.store import nas as clients
from access.store import nas_certificates as certificates
from access.store.database import Connection
from access.store.nas import StoredNas

WRITER = "command-line"
_FINGERPRINT = click.option("--fingerprint", default="", help="SHA-256 of the certificate, in hex.")
_NAME = click.option("--dns-name", default="", help="A name in certificates of radius.radsec_authority.")
_FILE = click.option("--file", type=click.Path(path_type=Path, exists=True, dir_okay=False))


@click.group()
def certificate() -> None:
    """Certificates by which a NAS may connect with RadSec (RADIUS over TLS)."""


@certificate.command()
@click.argument("nas")
@_FINGERPRINT
@_NAME
@_FILE
@passed
def add(invocation: Invocation, nas: str, fingerprint: str, dns_name: str, file: Path | None) -> None:
    """Let a NAS connect with a certificate: the one in a file, of a fingerprint, or with a name."""
    app, chosen = invocation.app(), _chosen(fingerprint, dns_name, file)
    with app.database.write() as conn:
        client = _known(conn, app, nas)
        nas_clients.certify(_ports(conn, app), client, chosen, _hand(app))
    click.echo(f"{nas} may connect with {chosen.pin.value} {chosen.value}.")


@certificate.command("list")
@click.argument("nas")
@passed
def list_(invocation: Invocation, nas: str) -> None:
    """List the certificates of a NAS."""
    app = invocation.app()
    with app.database.read() as conn:
        known = certificates.of_nas(conn, _known(conn, app, nas).id)
    if not known:
        click.echo(f"{nas} may not connect yet. Let it: officegate nas certificate add {nas} --file ...")
    for each in known:
        click.echo(f"{each.pin.value} {each.value}")


@certificate.command()
@click.argument("nas")
@_FINGERPRINT
@_NAME
@_FILE
@passed
def remove(invocation: Invocation, nas: str, fingerprint: str, dns_name: str, file: Path | None) -> None:
    """Let a NAS connect with a certificate no more; a connection that it has now is closed."""
    app, chosen = invocation.app(), _chosen(fingerprint, dns_name, file)
    with app.database.write() as conn:
        client = _known(conn, app, nas)
        nas_clients.decertify(_ports(conn, app), client, chosen, _hand(app))
    click.echo(f"{nas} may not connect with {chosen.pin.value} {chosen.value} any more.")


def _chosen(fingerprint: str, dns_name: str, file: Path | None) -> NasCertificate:
    if sum(map(bool, (fingerprint, dns_name, file))) != 1:
        raise BadNas("Say which certificate: one of --file, --fingerprint and --dns-name.")
    if file is not None:
        return of_file(file.read_bytes())
    return by_fingerprint(fingerprint) if fingerprint else by_name(dns_name)


def _known(conn: Connection, app: App, name: str) -> NasClient:
    client = clients.client_by_name(conn, app.keyring, name)
    if client is None or not client.enabled:
        raise Refused(f"There is no NAS named {name}. See: officegate nas list")
    return client


def _ports(conn: Connection, app: App) -> StoredNas:
    return StoredNas(conn, app.keyring, app.random, WRITER, hashes_compared(app.settings))


def _hand(app: App) -> Hand:
    return Hand(operator(), app.clock())

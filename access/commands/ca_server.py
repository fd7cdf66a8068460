"""officegate ca server: the authority of the certificate that RADIUS shows, and the next one. ◆"""

from datetime import UTC, datetime
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from access.app import App
from access.commands.invocation import Invocation, passed
from access.radius.tls_files import Vault, make_next, tls_files, use_next


@click.group()
def server() -> None:
    """The server's certificate, and the authority that endpoints are told to trust for it."""


@server.command()
@passed
def show(invocation: Invocation) -> None:
    """Show the certificate that RADIUS shows, the authority that signed it, and the next one."""
    app = invocation.app()
    directory = _directory(app)
    files = tls_files(app.settings.radius, directory, _vault(app))
    click.echo(_line(app, "server", files.certificate))
    if files.authority is not None:
        click.echo(_line(app, "authority", files.authority))
    if files.certificate.parent == directory and (directory / "next-authority.pem").exists():
        click.echo(_line(app, "next authority", directory / "next-authority.pem"))


@server.command("next")
@passed
def next_(invocation: Invocation) -> None:
    """Make the authority that comes next, to be handed out to endpoints before it is used."""
    app = invocation.app()
    path = make_next(_directory(app), _vault(app), datetime.now(UTC))
    click.echo(_line(app, "next authority", path))
    click.echo("Have every endpoint trust it beside the one before. Then: officegate ca server use")


@server.command()
@passed
def use(invocation: Invocation) -> None:
    """Use the next authority from now on; the workers take the new certificate by themselves."""
    app = invocation.app()
    path = use_next(_directory(app), _vault(app), datetime.now(UTC))
    click.echo(_line(app, "authority", path))
    click.echo("New logins see its certificate within seconds. Endpoints may forget the authority before.")


def _directory(app: App) -> Path:
    return app.settings.state_dir / "tls"


def _vault(app: App) -> Vault:
    return Vault(app.keyring, app.random)


def _line(app: App, what: str, path: Path) -> str:
    certificate = x509.load_pem_x509_certificates(path.read_bytes())[0]
    ends = certificate.not_valid_after_utc.astimezone(app.settings.time_zone).date().isoformat()
    return f"{what}  {path}  until {ends}  SHA-256 {certificate.fingerprint(SHA256()).hex(':')}"

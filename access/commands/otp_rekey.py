"""officegate otp rekey: everything that is sealed, under the newest key, while the service runs. ◆"""

import os
from dataclasses import replace

import click

from access.app import App, open_key_store
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.errors import Refused
from access.keys import keyfile
from access.proof.rekeying import Progress, Rekeyed
from access.proof.rekeying import rekey as change_keys
from access.radius.tls_files import AuthorityFiles, Vault
from access.store.database import BULK_ROWS
from access.store.rekeying import StoredRekeying


@click.command()
@click.option("--add-key", is_flag=True, help="First write a new key to the end of the key file.")
@click.option("--status", is_flag=True, help="Change nothing; tell what is sealed under which key.")
@click.option("--rows", type=click.IntRange(1, 5000), default=BULK_ROWS, show_default=True, help="At a time.")
@passed
def rekey(invocation: Invocation, add_key: bool, status: bool, rows: int) -> None:
    """Seal everything under the newest key: seeds, network passwords, NAS secrets, keys of authorities ...

    The service goes on meanwhile. A run that was interrupted is run again. In the end it tells which older
    keys nothing is sealed under any more.
    """
    if add_key:
        _add_key(invocation)
    app = invocation.app()
    ports = _ports(app, rows)
    if status:
        _tell(Rekeyed(ports.current(), {}, ports.under_older_keys()))
        return
    rekeyed = change_keys(ports, _progress)
    click.echo(f"{sum(rekeyed.changed.values())} secrets were sealed under key {rekeyed.current}.")
    _tell(rekeyed)


def _add_key(invocation: Invocation) -> None:
    keys = invocation.settings.keys
    if keys.variable or keys.credential:
        raise Refused(
            "The keys do not stand in a key file: add a line where they stand (docs/rotating-keys.md), "
            "restart, and run this without --add-key."
        )
    try:
        key_id = keyfile.add_key(keys.file, os.urandom, open_key_store(keys))
    except OSError as error:
        raise Refused(f"No key was added: {keys.file} cannot be written: {error.strerror}.") from None
    click.echo(f"Key {key_id} is the newest line of {keys.file} now. Keep a backup of that file.")


def _ports(app: App, rows: int) -> StoredRekeying:
    files = AuthorityFiles(app.settings.state_dir / "tls", Vault(app.keyring, app.random))
    by = operator()
    ports = StoredRekeying(app.database, app.keyring, app.random, app.clock, files, by)
    return replace(ports, most=rows)


def _progress(progress: Progress) -> None:
    click.echo(f"{progress.what}: {progress.done} of {progress.of}", err=True)


def _tell(rekeyed: Rekeyed) -> None:
    if not rekeyed.under:
        click.echo(f"Key {rekeyed.current} is the only one. A new one: officegate otp rekey --add-key")
    for why in rekeyed.broken:
        click.echo(f"Passed over: {why}", err=True)
    for key_id, left in rekeyed.under.items():
        rows = sum(left.values())
        if rows == 0:
            click.echo(f"0 rows under key {key_id}; it may be removed.")
            continue
        named = ", ".join(f"{count} {what}" for what, count in left.items() if count)
        click.echo(f"{rows} rows under key {key_id}: {named}. Keep it, and run: officegate otp rekey")

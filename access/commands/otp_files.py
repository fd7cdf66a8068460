"""officegate otp import and export: tokens by the thousand, in the files of vendors and other servers. ◆"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from access.app import App
from access.commands.company import company
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.errors import Refused
from access.proof.exporting import ExportOrder, export_tokens
from access.proof.importing import Line, Order, Report, Verdict, import_tokens
from access.store.token_import import StoredExport, StoredImport
from otp.seedfile import FORMATS, oath_csv, pskc_writer
from otp.seedfile.fields import columns, lines
from otp.seedfile.pskc_writer import Protection
from otp.seedfile.record import LARGEST_OCTETS, SeedFile, SeedFileError, SeedRecord, Unlock

WRITER = "command-line"
READABLE = click.Path(path_type=Path, exists=True, dir_okay=False)
_AES_OCTETS = (16, 24, 32)


@click.command("import")
@click.argument("file", type=READABLE)
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), required=True)
@click.option("--organization", required=True, help="Whose tokens they are: a key or a realm.")
@click.option("--dry-run", is_flag=True, help="Only tell what would become of each entry.")
@click.option("--password-file", type=READABLE, help="The password, or the key of privacyIDEA, of the file.")
@click.option("--key-file", type=READABLE, help="The pre-shared AES key of the file, in hex or raw.")
@click.option("--owners", type=READABLE, help="Lines of serial,user@realm, over what the file says.")
@click.option("--skip-faulty", is_flag=True, help="Leave out what cannot be taken, and take the rest.")
@passed
def import_(
    invocation: Invocation, /, file: Path, form: str, organization: str, skip_faulty: bool, **options: object
) -> None:
    """Take over the tokens in FILE: all of them or none.

    A token with an owner works at once, the others are put in stock. Delete FILE afterwards: it holds seeds.
    """
    found = _read(file, form, options)
    app = invocation.app()
    dry_run = bool(options["dry_run"])
    with app.database.write() as conn:
        order = Order(company(conn, organization), operator(), _owners(options), skip_faulty, dry_run)
        report = import_tokens(StoredImport(conn, app.keyring, app.random, WRITER), found, order, app.clock())
    _tell(report, dry_run, file)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--organization", required=True, help="Whose tokens leave: a key or a realm.")
@click.option("--password-file", type=READABLE, help="The recipient's password, agreed upon elsewhere.")
@click.option("--reason", required=True, help="For whom and why, for the audit.")
@click.option("--format", "form", type=click.Choice(["pskc", "oath-csv"]), default="pskc", show_default=True)
@click.option("--plain", is_flag=True, help="In clear: whoever reads the file has every token.")
@click.option("--confirm", default="", help="The organization's key, instead of typing it when asked.")
@passed
def export(invocation: Invocation, /, file: Path, organization: str, plain: bool, **options: str) -> None:
    """Write all seeds of an organization into a new FILE, encrypted for a recipient.

    For root and the owner of the keys alone; it stands in the audit.
    """
    writer = _writer(options, plain)
    if file.exists():
        raise Refused(f"{file} is there already: name a new file.")
    app = invocation.app()
    _require_privilege(app)
    with app.database.read() as conn:
        whose = company(conn, organization)
    typed = options["confirm"] or click.prompt(f"Type {whose.key} to write all its seeds into {file}")
    if typed.strip() != whose.key:
        raise Refused(f"Nothing was exported: {whose.key} was not confirmed.")
    form = f"{options['form']}, {'in clear' if plain else 'encrypted'}"
    order = ExportOrder(whose, operator(), options["reason"], form)
    with app.database.write() as conn:
        ports = StoredExport(conn, app.keyring, app.random, WRITER)
        content, count = export_tokens(ports, order, writer, app.clock())
    _write_new(file, content)
    click.echo(
        f"Wrote {count} tokens of {whose.name} into {file}. Send the password another way than the file."
    )


def _read(file: Path, form: str, options: Mapping[str, object]) -> SeedFile:
    with file.open("rb") as opened:
        content = opened.read(LARGEST_OCTETS + 1)
    unlock = Unlock(_password(options.get("password_file")), _key(options.get("key_file")))
    try:
        return FORMATS[form].read(content, unlock)
    except SeedFileError as error:
        raise Refused(f"{file.name} is not taken. {error}.") from None


def _password(path: object) -> bytes:
    if not isinstance(path, Path):
        return b""
    _refuse_open(path)
    return path.read_bytes().rstrip(b"\r\n")


def _key(path: object) -> bytes:
    if not isinstance(path, Path):
        return b""
    _refuse_open(path)
    octets = path.read_bytes()
    try:
        return bytes.fromhex(octets.decode("ascii"))
    except ValueError:
        if len(octets) in _AES_OCTETS:
            return octets
    raise Refused(f"{path} holds no AES key: 16, 24 or 32 octets, raw or in hexadecimal.")


def _refuse_open(path: Path) -> None:
    if path.stat().st_mode & 0o077:
        raise Refused(
            f"{path} can be read by others: run chmod 600 {path}, and take another password if one did."
        )


def _owners(options: Mapping[str, object]) -> Mapping[str, str]:
    path = options.get("owners")
    if not isinstance(path, Path):
        return {}
    owners: dict[str, str] = {}
    try:
        for place, line in lines(path.read_bytes()):
            row = columns(place, line)
            if len(row) != 2 or not row[0]:
                raise SeedFileError(place, "expected a serial number and a user@realm")
            owners[row[0]] = row[1]
    except SeedFileError as error:
        raise Refused(f"{path.name}: {error}.") from None
    return owners


def _tell(report: Report, dry_run: bool, file: Path) -> None:
    for line in report.lines:
        click.echo(_shown(line))
    imported, stock = report.count(Verdict.IMPORTED), report.count(Verdict.IN_STOCK)
    counted = f"{imported + stock} tokens ({imported} of people, {stock} in stock)"
    if dry_run:
        click.echo(
            f"{counted} can be imported, {report.faults} cannot. Nothing was written: it was a dry run."
        )
    elif report.written:
        click.echo(f"Imported {counted}; left out {report.faults}.")
        click.echo(f"{file} holds seeds: delete it now (shred -u), and every copy of it.")
    if report.faults and not report.written and not dry_run:
        raise Refused(
            f"Nothing was imported: {report.faults} of {len(report.lines)} entries cannot be taken. Correct "
            "them as told above, or leave them out: --skip-faulty"
        )


def _shown(line: Line) -> str:
    named = " ".join(part for part in (line.serial or "-", line.owner) if part)
    return f"{line.place}: {named}: {line.verdict}" + (f"; {line.advice}" if line.advice else "")


def _writer(options: Mapping[str, str], plain: bool) -> Callable[[Sequence[SeedRecord]], bytes]:
    form, password = options["form"], _password(options["password_file"])
    if plain:
        return oath_csv.write if form == "oath-csv" else pskc_writer.write_plain
    if form != "pskc":
        raise Refused("OATH CSV cannot be encrypted: export PSKC, or say --plain.")
    if not password:
        raise Refused("Give the recipient's password with --password-file; in clear only with --plain.")
    return lambda records: _protected(records, Protection(password, os.urandom))


def _protected(records: Sequence[SeedRecord], protection: Protection) -> bytes:
    try:
        return pskc_writer.write(records, protection)
    except SeedFileError as error:
        raise Refused(f"Nothing was exported. {error}.") from None


def _require_privilege(app: App) -> None:
    """Who may read the keys could open every seed anyway; nobody else gets them in a file."""
    keys = app.settings.keys
    owner = keys.file.stat().st_uid if keys.file.exists() else 0
    if os.geteuid() not in (0, owner):
        raise Refused("Seeds are exported by root or the owner of the key file alone.")


def _write_new(path: Path, content: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise Refused(
            f"{path} cannot be made: {error.strerror}. Name a file that is not there yet."
        ) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)

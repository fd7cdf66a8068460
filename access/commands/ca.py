"""officegate ca: our own authorities, and the certificates they issue to people and endpoints. ◆"""

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from access.app import App, certificate_rules, open_certificates
from access.certificates import issuing
from access.certificates.authority import Authority, Revocation
from access.certificates.errors import UnknownCertificate
from access.certificates.intake import read_authority, read_request
from access.certificates.issuing import AUTHORITY_DAYS, NewAuthority
from access.certificates.values import Certificate, KeyKind, Order
from access.commands.ca_server import server
from access.commands.certificate_order import order_for, order_of, refuse_existing, write_private
from access.commands.company import company
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.errors import Refused
from access.store import certificates
from access.store.certificates import StoredCertificates

WRITER = "command-line"
REASONS = [each.value for each in Revocation if each is not Revocation.SUPERSEDED]
KINDS = click.Choice([each.value for each in KeyKind])
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
OUT = click.Path(path_type=Path, dir_okay=False)


@click.group()
def ca() -> None:
    """Certificates by which people and endpoints log in."""


ca.add_command(server)


@ca.command()
@click.argument("organization")
@click.option("--key", "kind", type=KINDS, default=KeyKind.ECDSA.value, show_default=True)
@click.option("--days", type=click.IntRange(1, 10950), default=AUTHORITY_DAYS, show_default=True)
@passed
def create(invocation: Invocation, organization: str, kind: str, days: int) -> None:
    """Make an authority that issues certificates for an organization from now on."""
    app = invocation.app()
    with app.database.read() as conn:
        owner = company(conn, organization)
    wanted = NewAuthority(owner, KeyKind(kind), days)
    made = issuing.create_authority(_shelf(app), wanted, operator(), app.clock())
    click.echo(f"{made.name} issues for {owner.key} until {_day(app, made.ends_at)}.")


@ca.command("import")
@click.argument("organization")
@click.option("--certificate", type=FILE, required=True, help="The authority's certificate (PEM).")
@click.option("--key", type=FILE, required=True, help="Its private key (PEM).")
@click.option("--password-file", type=FILE, help="A file with the password to the key.")
@passed
def import_(
    invocation: Invocation, organization: str, certificate: Path, key: Path, password_file: Path | None
) -> None:
    """Take over an authority that was made elsewhere; it issues for an organization from now on."""
    app = invocation.app()
    password = password_file.read_bytes().splitlines()[0] if password_file else None
    taken = read_authority(certificate.read_bytes(), key.read_bytes(), password, app.clock())
    with app.database.read() as conn:
        owner = company(conn, organization)
    made = _shelf(app).add_authority(owner, taken, operator(), app.clock())
    click.echo(f"{made.name} issues for {owner.key} until {_day(app, made.ends_at)}.")
    click.echo(f"Its key is sealed in the database. Delete {key}, or lock it away.")


@ca.command("list")
@click.option("--organization", default="", help="Those of one organization.")
@click.option("--all", "every", is_flag=True, help="Also certificates that count no longer.")
@passed
def list_(invocation: Invocation, organization: str, every: bool) -> None:
    """List the authorities and the certificates they issued."""
    app = invocation.app()
    with app.database.read() as conn:
        owner = company(conn, organization).id if organization else None
        known = [each for each in certificates.all_authorities(conn) if owner in (None, each.organization_id)]
        issued = certificates.certificates_of(conn, owner)
    if not known:
        click.echo("There is no authority yet. Make one: officegate ca create ORGANIZATION")
    for each in known:
        role = "issues" if each.issues else "is trusted, issues no more"
        click.echo(f"authority {each.name}  {role}, until {_day(app, each.ends_at)}")
    for one in issued:
        if every or one.good(app.clock()):
            click.echo(_line(app, one))


@ca.command()
@click.argument("what")
@passed
def show(invocation: Invocation, what: str) -> None:
    """Show WHAT: a certificate by its number, or the certificate of an authority by its name, as PEM."""
    app = invocation.app()
    if not what.isdecimal():
        click.echo(_pem(_authority(app, what).certificate), nl=False)
        return
    found = _certificate(app, int(what))
    click.echo(_line(app, found))
    click.echo(f"  serial number {found.serial:x}, issued {_day(app, found.issued_at)}, key {found.key}")
    click.echo(_pem(x509.load_der_x509_certificate(found.der)), nl=False)


@ca.command()
@click.option("--user", default="", help="Whose it is, as name@organization.")
@click.option("--endpoint", default="", help="The MAC address of a registered endpoint it is for.")
@click.option("--device", default="", help="What the device is called.")
@click.option("--days", type=click.IntRange(1), help="How long it is valid; otherwise ca.days.")
@click.option("--request", type=FILE, help="A certificate request (PEM); only its key is taken.")
@click.option("--key", "kind", type=KINDS, default=KeyKind.ECDSA.value, show_default=True)
@click.option("--out", type=OUT, required=True, help="The file to write: PKCS#12, or PEM for a request.")
@passed
def issue(invocation: Invocation, /, request: Path | None, kind: str, out: Path, **whose: Any) -> None:
    """Issue a certificate for a person, an endpoint or both. Without --request its key is made, too."""
    app = invocation.app()
    with app.database.read() as conn:
        order = order_for(conn, whose["user"], whose["endpoint"], operator())
    order = order.on(whose["device"], whose["days"])
    _issue(app, order, request, kind, out)


@ca.command()
@click.argument("number", type=int)
@click.option("--days", type=click.IntRange(1), help="How long it is valid; otherwise ca.days.")
@click.option("--request", type=FILE, help="A certificate request (PEM); only its key is taken.")
@click.option("--key", "kind", type=KINDS, default=KeyKind.ECDSA.value, show_default=True)
@click.option("--out", type=OUT, required=True, help="The file to write: PKCS#12, or PEM for a request.")
@passed
def renew(invocation: Invocation, /, number: int, request: Path | None, **options: Any) -> None:
    """Issue the certificate that follows the one of this NUMBER, which counts on for some days."""
    app = invocation.app()
    before = _certificate(app, number)
    with app.database.read() as conn:
        order = order_of(conn, before, operator()).on(before.device, options["days"])
    order = issuing.renewed(before, order, app.clock())
    _issue(app, order, request, options["kind"], options["out"])
    after = _certificate(app, number)
    click.echo(f"Certificate {number} counts until {_day(app, after.valid_until)}.")


@ca.command()
@click.argument("number", type=int)
@click.option("--reason", type=click.Choice(REASONS), default=REASONS[0], show_default=True)
@passed
def revoke(invocation: Invocation, number: int, reason: str) -> None:
    """Have the certificate of this NUMBER count no longer, and end the sessions that it opened."""
    app = invocation.app()
    found = _certificate(app, number)
    if not _shelf(app).revoke(found, Revocation(reason), operator(), app.clock()):
        raise Refused(f"Certificate {number} was revoked already.")
    click.echo(f"Certificate {number} of {found.holder} counts no longer.")


@ca.command()
@click.argument("authority", required=False)
@click.option("--out", type=OUT, required=True, help="The file to write, in DER.")
@passed
def crl(invocation: Invocation, authority: str | None, out: Path) -> None:
    """Write the signed list of what an authority has revoked."""
    app = invocation.app()
    name = _authority(app, authority).name
    octets = issuing.revocation_list(_shelf(app), certificate_rules(app.settings), name, app.clock())
    assert octets is not None, "an authority that is there has a list"
    out.write_bytes(octets)
    click.echo(f"The list of {name} is in {out}.")


def _issue(app: App, order: Order, request: Path | None, kind: str, out: Path) -> None:
    refuse_existing(out)
    shelf, rules, now = _shelf(app), certificate_rules(app.settings), app.clock()
    if request is not None:
        key = read_request(request.read_bytes())
        made = issuing.issue_on_request(shelf, rules, order, key, now)
        write_private(out, _pem(x509.load_der_x509_certificate(made.der)).encode())
        click.echo(f"{_line(app, made)}\nIt is in {out}.")
        return
    packed = issuing.issue_with_key(shelf, rules, order, KeyKind(kind), now)
    write_private(out, packed.file)
    click.echo(f"{_line(app, packed.certificate)}\nCertificate and key are in {out} (PKCS#12).")
    click.echo(f"The password to it, shown this once: {packed.password}")


def _shelf(app: App) -> StoredCertificates:
    return open_certificates(app, WRITER)


def _certificate(app: App, number: int) -> Certificate:
    with app.database.read() as conn:
        found = certificates.certificate_by_id(conn, number)
    if found is None:
        raise UnknownCertificate(f"There is no certificate {number}. See: officegate ca list --all")
    return found


def _authority(app: App, name: str | None) -> Authority:
    """The authority of a name; without one the only one there is. Raises Refused."""
    with app.database.read() as conn:
        known = certificates.all_authorities(conn)
    meant = [each for each in known if name in (None, each.name)]
    if len(meant) != 1:
        names = ", ".join(each.name for each in known) or "none; make one: officegate ca create ORGANIZATION"
        raise Refused(f"Name one of the authorities: {names}.")
    return meant[0]


def _line(app: App, one: Certificate) -> str:
    state = f"until {_day(app, one.valid_until)}"
    if one.revoked_at is not None:
        state = f"revoked {_day(app, one.revoked_at)} ({one.revocation})"
    elif not one.good(app.clock()):
        state = f"ended {_day(app, one.valid_until)}"
    return f"{one.id}  {one.holder}  {one.device or '-'}  {state}"


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _day(app: App, at: float) -> str:
    return datetime.fromtimestamp(at, app.settings.time_zone).date().isoformat()

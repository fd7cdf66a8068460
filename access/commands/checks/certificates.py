"""The certificates we show to laptops and browsers. ◆"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from access.certificates.errors import BadAnswer, BadAuthority
from access.certificates.external import RevocationBy
from access.certificates.loading import load_external
from access.certificates.revocation import read_list
from access.commands.checks.verdict import Verdict, fail, ok, warn
from access.config import AuthoritySettings, Settings

_SOON_DAYS = 30


def certificates(settings: Settings) -> Iterator[Verdict]:
    """Whether each certificate we show is valid, for how long, and fits its private key."""
    radius, web = settings.radius, settings.web
    if radius.certificate:
        yield from _certificate("certificate EAP", radius.certificate, radius.private_key)
    else:
        made = sorted((settings.state_dir / "tls").glob("*.pem"))
        for path in made:
            yield from _made("certificate EAP", path)
        if not made:
            yield ok(
                "certificate EAP", f"one will be made on the first start in {settings.state_dir / 'tls'}"
            )
    if radius.radsec_certificate:
        yield from _certificate("certificate RadSec", radius.radsec_certificate, radius.radsec_private_key)
    if radius.radsec_authority:
        yield from _certificate("certificate RadSec authority", radius.radsec_authority, None)
    for name, authority in radius.authorities.items():
        yield from _authority(name, authority)
    if web.certificate:
        yield from _certificate("certificate web", web.certificate, web.private_key)


def _authority(name: str, settings: AuthoritySettings) -> Iterator[Verdict]:
    """An authority of others, and its list where that is a file."""
    subject = f"authority {name}"
    try:
        external = load_external(name, settings)
    except BadAuthority as error:
        yield fail(subject, str(error), "until then none of its certificates is taken")
        return
    for certificate in external.certificates:
        yield _validity(subject, settings.certificate, certificate)
    if settings.revocation is RevocationBy.CRL and settings.crl.startswith("/"):
        try:
            known = read_list(Path(settings.crl).read_bytes(), external.certificates, time.time())
        except (BadAnswer, OSError) as error:
            yield fail(subject, f"{settings.crl} cannot be used: {error}", "put its newest list there")
            return
        yield ok(subject, f"{settings.crl} names {len(known.serials)} certificates")


def _made(subject: str, path: Path) -> Iterator[Verdict]:
    """One of those we made; files of keys alone have nothing to say."""
    if b"BEGIN CERTIFICATE" in path.read_bytes():
        yield from _certificate(subject, path, None)


def _certificate(subject: str, path: Path, key_path: Path | None) -> Iterator[Verdict]:
    try:
        certificate = x509.load_pem_x509_certificates(path.read_bytes())[0]
        if key_path is not None and not _fits(certificate, key_path):
            yield fail(
                subject, f"{key_path} is not the private key of {path}", "set the two that belong together"
            )
            return
    except (OSError, ValueError, TypeError) as error:
        yield fail(
            subject, f"{path} or its key cannot be used: {error}", "set a PEM certificate and its plain key"
        )
        return
    yield _validity(subject, path, certificate)


def _fits(certificate: x509.Certificate, key_path: Path) -> bool:
    key = load_pem_private_key(key_path.read_bytes(), password=None)
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(*form) == certificate.public_key().public_bytes(*form)


def _validity(subject: str, path: Path, certificate: x509.Certificate) -> Verdict:
    now = datetime.now(UTC)
    days = (certificate.not_valid_after_utc - now).days
    if certificate.not_valid_before_utc > now:
        seen = f"{path} is valid only from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        return fail(subject, seen, "set the clock right, or wait")
    if days < 0:
        return fail(subject, f"{path} ended {certificate.not_valid_after_utc:%Y-%m-%d}", "renew it")
    seen = f"{path} is valid for {days} more days"
    return warn(subject, seen, "renew it soon") if days < _SOON_DAYS else ok(subject, seen)

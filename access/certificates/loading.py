"""The authorities of others, read from the files that the configuration names. ◆"""

from cryptography import x509

from access.certificates.errors import BadAuthority
from access.certificates.external import External
from access.config import AuthoritySettings, RadiusSettings

_HOUR_S = 3600.0


def load_externals(settings: RadiusSettings) -> tuple[External, ...]:
    """Return every authority of others. Raises BadAuthority, which names the file."""
    return tuple(load_external(name, each) for name, each in settings.authorities.items())


def usable_externals(settings: RadiusSettings) -> tuple[tuple[External, ...], tuple[str, ...]]:
    """Return the authorities of others whose files can be used, and what is wrong with each other one."""
    found, broken = [], []
    for name, each in settings.authorities.items():
        try:
            found.append(load_external(name, each))
        except BadAuthority as error:
            broken.append(str(error))
    return tuple(found), tuple(broken)


def load_external(name: str, settings: AuthoritySettings) -> External:
    """Return an authority of others. Raises BadAuthority."""
    try:
        certificates = tuple(x509.load_pem_x509_certificates(settings.certificate.read_bytes()))
    except (OSError, ValueError) as error:
        why = f"{settings.certificate} cannot be used: {error}"
        raise BadAuthority(f"radius.authorities.{name}: {why}") from None
    for certificate in certificates:
        if not _is_authority(certificate):
            named = certificate.subject.rfc4514_string()
            raise BadAuthority(
                f"radius.authorities.{name}: {settings.certificate} has the certificate of {named}, which is"
                " no authority (CA:TRUE); name the file of whoever signs the certificates of endpoints"
            )
    return External(
        name=name,
        organization=settings.organization,
        certificates=certificates,
        mapping=settings.mapping,
        revocation=settings.revocation,
        when_unknown=settings.when_unknown,
        crl=settings.crl,
        ocsp=settings.ocsp,
        longest_age_s=settings.longest_age_h * _HOUR_S,
    )


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False

"""otpauth:// links, one a line: what apps and password managers export.

The format is the one of the key-uri description (github.com/google/google-authenticator/wiki/Key-Uri-Format).
"""

from functools import partial
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from otp.kinds import Algorithm, Kind
from otp.seedfile.fields import algorithm_named, base32_secret, kind_named, lines, whole_number
from otp.seedfile.record import (
    LOCKED,
    SeedFile,
    SeedFileError,
    SeedRecord,
    Unlock,
    check_size,
    collect,
)

_MOST_PARAMETERS = 20


def read(content: bytes, _unlock: Unlock = LOCKED) -> SeedFile:
    """Return the token of every link. Raises SeedFileError."""
    return collect([partial(_record, place, line) for place, line in lines(check_size(content))])


def split(place: str, text: str, scheme: str) -> tuple[SplitResult, dict[str, str]]:
    """Return a link and its parameters, the last of each name. Raises SeedFileError."""
    try:
        link = urlsplit(text)
        found = parse_qs(link.query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise SeedFileError(place, "it is no link that can be read") from None
    if link.scheme != scheme:
        raise SeedFileError(place, f"it is no {scheme}:// link")
    return link, {name.lower(): values[-1] for name, values in found.items()}


def account_of(label: str) -> tuple[str, str]:
    """Return issuer and account of a label such as Hangang:minjun.kim@hangang; the issuer may be empty."""
    issuer, colon, account = label.partition(":")
    return (issuer.strip(), account.strip()) if colon else ("", label.strip())


def _record(place: str, line: str) -> SeedRecord:
    link, parameters = split(place, line, "otpauth")
    kind = kind_named(place, link.netloc)
    issuer, account = account_of(unquote(link.path.removeprefix("/")))
    algorithm = parameters.get("algorithm", "")
    counter = parameters.get("counter", "")
    if kind is Kind.HOTP and not counter:
        raise SeedFileError(place, "it is a HOTP link without a counter: the token would be out of step")
    return SeedRecord(
        place=place,
        serial="",
        kind=kind,
        secret=base32_secret(place, parameters.get("secret", "")),
        digits=whole_number(place, "digits", parameters.get("digits") or "6"),
        period_s=whole_number(place, "period", parameters.get("period") or "30") if kind is Kind.TOTP else 30,
        algorithm=algorithm_named(place, algorithm) if algorithm else Algorithm.SHA1,
        last_step=whole_number(place, "counter", counter) - 1 if kind is Kind.HOTP else -1,
        owner=account,
        issuer=parameters.get("issuer", "") or issuer,
    )

"""The certificates by which a NAS may connect with RadSec: pinned by fingerprint, or known by a name."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from access.nas.registry import BadNas

_SHA256_HEX = re.compile(r"[0-9a-f]{64}")
_HOST_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


class Pin(StrEnum):
    """By what a certificate is recognised."""

    FINGERPRINT = "fingerprint"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class NasCertificate:
    """A SHA-256 fingerprint in hex, or a DNS name that radius.radsec_authority vouches for."""

    pin: Pin
    value: str


def read_certificate(text: str) -> NasCertificate:
    """The certificate that somebody pasted: in PEM, as a fingerprint, or by a DNS name. Raises BadNas."""
    text = text.strip()
    if text.startswith("-----"):
        return of_file(text.encode())
    return by_name(text) if "." in text else by_fingerprint(text)


def by_fingerprint(text: str) -> NasCertificate:
    """The certificate with a fingerprint, in any usual spelling. Raises BadNas."""
    digits = text.lower().removeprefix("sha256").lstrip(":= ").removeprefix("fingerprint=")
    digits = digits.replace(":", "").replace(" ", "")
    if not _SHA256_HEX.fullmatch(digits):
        raise BadNas(
            f"{text} is no SHA-256 fingerprint."
            " Print it with: openssl x509 -noout -fingerprint -sha256 -in FILE",
            f"{text}은(는) SHA-256 지문이 아닙니다. 지문은 이렇게 확인합니다:"
            " openssl x509 -noout -fingerprint -sha256 -in FILE",
        )
    return NasCertificate(Pin.FINGERPRINT, digits)


def by_name(text: str) -> NasCertificate:
    """The certificates with a DNS name in them. Raises BadNas."""
    name = text.lower()
    if not _HOST_NAME.fullmatch(name):
        raise BadNas(
            f"{text} is no DNS name as it stands in a certificate, like switch-2f.hangang.example.",
            f"{text}은(는) 인증서에 쓰는 DNS 이름이 아닙니다. switch-2f.hangang.example처럼 입력하십시오.",
        )
    return NasCertificate(Pin.NAME, name)


def of_file(pem: bytes) -> NasCertificate:
    """The fingerprint of a certificate in PEM. Raises BadNas."""
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise BadNas(
            f"That is no certificate in PEM: {error}",
            "PEM 형식의 인증서가 아닙니다. BEGIN CERTIFICATE부터 END CERTIFICATE까지 모두 붙여 넣으십시오.",
        ) from error
    return NasCertificate(Pin.FINGERPRINT, hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest())

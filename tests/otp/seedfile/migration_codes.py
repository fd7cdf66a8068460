"""What Google Authenticator would show: its message put together octet by octet."""

from base64 import b64encode
from urllib.parse import quote


def varint(number: int) -> bytes:
    """Return a number in seven bits an octet, the lowest first."""
    octets = bytearray()
    while number > 0x7F:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*octets, number])


def varint_field(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def octets_field(number: int, value: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(value)) + value


def account(
    secret: bytes,
    name: str | bytes = "kim",
    issuer: str = "",
    *,
    algorithm: int = 1,
    digits: int = 1,
    kind: int = 2,
    counter: int = 0,
) -> bytes:
    """Return one account; name may be octets that are no text."""
    named = name if isinstance(name, bytes) else name.encode()
    return (
        octets_field(1, secret)
        + octets_field(2, named)
        + octets_field(3, issuer.encode())
        + varint_field(4, algorithm)
        + varint_field(5, digits)
        + varint_field(6, kind)
        + varint_field(7, counter)
    )


def migration(accounts: list[bytes], size: int = 1, index: int = 0, batch: int = 5) -> str:
    """Return the link in one QR code."""
    message = b"".join(octets_field(1, each) for each in accounts) + varint_field(2, 1)
    message += varint_field(3, size) + varint_field(4, index) + varint_field(5, batch)
    return "otpauth-migration://offline?data=" + quote(b64encode(message).decode())

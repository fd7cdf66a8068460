"""Packets that break the rules in one way each, and what to do about them: nothing.

BOTH has what FreeRADIUS drops as well; OURS what it answers and we do not, because a rule of the RFCs is
broken all the same.
"""

from tests.radius.fuzz import attribute
from tests.radius.office import Asker

AUTHENTICATOR = bytes(range(16))
NAME = attribute(1, b"kim")
HIDDEN = attribute(2, bytes(16))
EAP_START = attribute(79, b"")


def packet(*attributes: bytes, code: int = 1, length: int | None = None) -> bytes:
    body = b"".join(attributes)
    length = 20 + len(body) if length is None else length
    return bytes((code, 7)) + length.to_bytes(2, "big") + AUTHENTICATOR + body


def signed(*attributes: bytes, code: int = 1, octets: int = 16) -> bytes:
    """Return a request with a Message-Authenticator that holds, cut to some octets."""
    asker = Asker()
    unsigned = packet(*attributes, attribute(80, bytes(16)), code=code)
    return packet(*attributes, attribute(80, asker.secret.hmac_md5(unsigned)[:octets]), code=code)


BOTH = {
    "nothing": b"",
    "shorter than a header": packet()[:19],
    "a length below the header": packet(NAME, length=19),
    "a length beyond the datagram": packet(NAME, length=26),
    "cut short": packet(NAME, HIDDEN)[:-1],
    "over 4096 octets": packet(attribute(200, bytes(253)) * 16),
    "code 0": packet(NAME, HIDDEN, code=0),
    "unknown code": packet(NAME, HIDDEN, code=99),
    "a reply": packet(NAME, HIDDEN, code=2),
    "accounting where logins are answered": packet(NAME, code=4),
    "attribute type 0": packet(attribute(0, b"x"), NAME, HIDDEN),
    "attribute length 0": packet(NAME, HIDDEN, b"\x01\x00"),
    "attribute length 1": packet(NAME, HIDDEN, b"\x01\x01"),
    "attribute overrun": packet(HIDDEN, b"\x01\x06kim"),
    "half an attribute header": packet(NAME, HIDDEN, b"\x01"),
    "201 attributes": packet(NAME, HIDDEN, attribute(200, b"") * 199),
    "Message-Authenticator of 15 octets": signed(NAME, HIDDEN, octets=15),
    "Message-Authenticator of 0 octets": signed(NAME, HIDDEN, octets=0),
    "Message-Authenticator of another secret": packet(NAME, HIDDEN, attribute(80, bytes(16))),
    "EAP-Message without Message-Authenticator": packet(NAME, EAP_START),
    "EAP-Message and User-Password": signed(NAME, EAP_START, HIDDEN),
    "EAP-Message and CHAP-Password": signed(NAME, EAP_START, attribute(3, bytes(17))),
    "EAP-Message and ARAP-Password": signed(NAME, EAP_START, attribute(70, bytes(16))),
    "Status-Server without Message-Authenticator": packet(code=12),
    "Status-Server with a wrong one": packet(attribute(80, bytes(16)), code=12),
}

OURS = {
    "201 attributes of a vendor": packet(
        NAME, HIDDEN, attribute(26, b"\0\0\0\x09" + attribute(1, b"") * 101) * 2
    ),
    "two Message-Authenticators": signed(NAME, HIDDEN, attribute(80, bytes(16))),
    "two User-Passwords": packet(NAME, HIDDEN, HIDDEN),
    "User-Password and CHAP-Password": packet(NAME, HIDDEN, attribute(3, bytes(17))),
    "empty User-Password": packet(NAME, attribute(2, b"")),
    "ragged User-Password": packet(NAME, attribute(2, bytes(17))),
    "User-Password of 144 octets": packet(NAME, attribute(2, bytes(144))),
    "two States": packet(NAME, HIDDEN, attribute(24, b"x") * 2),
    "EAP-Messages apart": signed(attribute(79, b"x"), NAME, attribute(79, b"y")),
    "Proxy-States of more than 1024 octets": packet(NAME, HIDDEN, attribute(33, bytes(253)) * 5),
}

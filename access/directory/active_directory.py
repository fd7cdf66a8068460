"""Values as Active Directory writes them: identities, security identifiers, moments."""

import re
import struct
from collections.abc import Mapping
from uuid import UUID

Attributes = Mapping[str, tuple[bytes, ...]]

GUID_OCTETS = 16
EPOCH_S = 11644473600  # from 1601 to 1970
TICKS_A_SECOND = 10_000_000
EXTENDED_GUID = re.compile(r"<GUID=([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})>;", re.IGNORECASE)
EXTENSIONS = re.compile(r"^(?:<(?:GUID|SID)=[^>]*>;)+")
NEVER = (0, 0x7FFFFFFFFFFFFFFF)
SID_HEAD_OCTETS, SUB_AUTHORITY_OCTETS = 8, 4


def guid(octets: bytes) -> str | None:
    """Return an objectGUID as everybody writes it (MS-DTYP section 2.3.4.2); None for what is none.

    The first three fields are little-endian on the wire.
    """
    return str(UUID(bytes_le=octets)) if len(octets) == GUID_OCTETS else None


def place(uuid: str) -> str:
    """Return under which name groups list the entry of a GUID.

    By DN they would not stay true: Active Directory keeps links by GUID, and changes no group where a member
    is renamed or moved, nor anybody below an organizational unit that is.
    """
    return f"objectguid={uuid}"


def listed(value: str) -> str | None:
    """Return place() of an extended DN, "<GUID=...>;<SID=...>;CN=..." (MS-ADTS section 3.1.1.3.4.1.5)."""
    found = EXTENDED_GUID.match(value)
    return place(found[1].lower()) if found else None


def plain(dn: str) -> str:
    """Return the DN in an extended one; any other as it is."""
    return EXTENSIONS.sub("", dn)


def sid(octets: bytes) -> str | None:
    """Return a security identifier in small letters, "s-1-5-..." (MS-DTYP section 2.4.2.2); None for none."""
    if len(octets) < SID_HEAD_OCTETS:
        return None
    revision, count = octets[0], octets[1]
    if len(octets) != SID_HEAD_OCTETS + SUB_AUTHORITY_OCTETS * count:
        return None
    authority = int.from_bytes(octets[2:SID_HEAD_OCTETS], "big")
    parts = struct.unpack_from(f"<{count}I", octets, SID_HEAD_OCTETS)
    return "-".join(["s", *map(str, (revision, authority, *parts))])


def own_name(attributes: Attributes) -> str:
    """Return under which name a group is somebody's primary one; empty where it has no identifier.

    Like a distinguished name, and none: no entry can be called so.
    """
    own = sid(_first(attributes, "objectsid"))
    return f"objectsid={own}" if own else ""


def primary_group(attributes: Attributes) -> str:
    """Return own_name of a person's primary group, which lists nobody for that; empty where there is none."""
    own, number = sid(_first(attributes, "objectsid")), _first(attributes, "primarygroupid")
    if own is None or not number.isdigit():
        return ""
    domain = own.rpartition("-")[0]
    return f"objectsid={domain}-{int(number)}"


def ends_at(attributes: Attributes) -> float | None:
    """Return when an account ends by its accountExpires, seconds since the epoch; None for never."""
    ticks = _first(attributes, "accountexpires")
    if not ticks.isdigit() or int(ticks) in NEVER:
        return None
    return moment(int(ticks))


def moment(ticks: int) -> float:
    """Return seconds since the epoch from ticks of 100 ns since 1601."""
    return ticks / TICKS_A_SECOND - EPOCH_S


def _first(attributes: Attributes, name: str) -> bytes:
    values = attributes.get(name, ())
    return values[0] if values else b""

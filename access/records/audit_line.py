"""A record of the audit as one line of JSON, and as a message of syslog (RFC 5424)."""

import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from access.records.audit import AuditRecord, Row, canonical

# Facility 13 is "log audit"; severities notice and warning (RFC 5424 section 6.2.1).
FACILITY, NOTICE, WARNING = 13, 5, 4
_NO_STRUCTURE = "-"


@dataclass(frozen=True, slots=True)
class Chained:
    """A sealed record: its position in the chain of its organization, the row, and what it says.

    organization is its key, empty for what belongs to none; who is the person's name today.
    """

    organization: str
    position: int
    hash: bytes
    row: Row
    record: AuditRecord
    who: str


def as_json(chained: Chained, details: bool = True, proof: bool = False) -> str:
    """Return one line without its end. details: with what it says about people.

    proof adds what the chain was computed over: sha256(hash of the position before | octets) is the hash.
    """
    record = chained.record
    line: dict[str, object] = {
        "organization": chained.organization,
        "position": chained.position,
        "at": moment(record.at),
        "kind": record.kind,
        "reason": record.reason,
        "case": record.case_code or "",
        "user_id": record.user_id,
        "session_id": record.session_id,
        "writer": chained.row.writer,
        "number": chained.row.number,
        "hash": chained.hash.hex(),
    }
    if details:
        line |= {"who": chained.who, "detail": record.detail, "erased": record.detail is None}
    if proof:
        line["octets"] = b64encode(canonical(chained.row)).decode()
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def as_syslog(chained: Chained, host: str, details: bool) -> bytes:
    """Return the message in a frame that says its length (RFC 5425 section 4.3)."""
    record = chained.record
    severity = WARNING if record.reason not in ("", "PERMITTED") else NOTICE
    header = (
        f"<{FACILITY * 8 + severity}>1 {moment(record.at)} {_name(host, 255)} officegate"
        f" {_name(chained.row.writer, 128)} {_name(record.kind, 32)} {_NO_STRUCTURE} "
    )
    message = header.encode() + as_json(chained, details).encode()
    return b"%d %b" % (len(message), message)


def moment(at: float) -> str:
    """Return seconds since the epoch as RFC 3339 has them, in UTC with microseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _name(text: str, longest: int) -> str:
    """Return what a field of the header may hold: visible ASCII, "-" for nothing."""
    kept = "".join(letter if "!" <= letter <= "~" else "_" for letter in text)
    return kept[:longest] or "-"

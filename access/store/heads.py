"""The heads files: the newest position of each audit chain, signed, outside the database. ◆

One file for each organization, KEY.heads; one JSON object a line, only ever added to. Copy them to a machine
that the database's administrators cannot write to: what they say cannot then be made unsaid.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from access.errors import Misconfigured
from access.records.audit_proof import Head

INSTALLATION = "_installation"
_LONGEST_LINE = 2048


class HeadsUnusable(Misconfigured):
    """The heads files cannot be read or written, or a line of one says nothing."""


def append(heads_dir: Path, name: str, head: Head) -> None:
    """Add a head, durably. Raises HeadsUnusable."""
    try:
        heads_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(_file(heads_dir, name), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            _drop_unfinished_line(descriptor)
            os.write(descriptor, _line(head))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unusable(heads_dir, error) from error


def last(heads_dir: Path, name: str) -> Head | None:
    """The newest head in the file; None where there is none. Raises HeadsUnusable."""
    path = _file(heads_dir, name)
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _LONGEST_LINE * 2))
            lines = [line for line in file.readlines() if line.endswith(b"\n")]
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(heads_dir, error) from error
    return _head(lines[-1], f"{path}, last line") if lines else None


def read(heads_dir: Path, name: str) -> Iterator[Head]:
    """Every head of one organization, oldest first. Raises HeadsUnusable."""
    path = _file(heads_dir, name)
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.endswith(b"\n"):
                    yield _head(line, f"{path}, line {number}")
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(heads_dir, error) from error


def _unusable(heads_dir: Path, error: OSError) -> HeadsUnusable:
    return HeadsUnusable(
        f"The audit heads in {heads_dir} cannot be read or written: {error.strerror}."
        " Give the account that runs Officegate the right to, or set audit.heads_dir to another folder."
    )


def _file(heads_dir: Path, name: str) -> Path:
    return heads_dir / f"{name}.heads"


def _drop_unfinished_line(descriptor: int) -> None:
    """A power cut may leave half a line, which says nothing and would spoil the next."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    start = max(0, size - _LONGEST_LINE * 2)
    tail = os.pread(descriptor, size - start, start)
    if tail and not tail.endswith(b"\n"):
        os.ftruncate(descriptor, start + tail.rfind(b"\n") + 1)


def _line(head: Head) -> bytes:
    values = {
        "organization": head.organization_id,
        "position": head.position,
        "hash": head.hash.hex(),
        "at": head.at,
        "key": head.key_id,
        "signature": head.signature.hex(),
    }
    return json.dumps(values).encode() + b"\n"


def _head(line: bytes, place: str) -> Head:
    try:
        values = json.loads(line)
        return Head(
            organization_id=int(values["organization"]),
            position=int(values["position"]),
            hash=bytes.fromhex(values["hash"]),
            at=float(values["at"]),
            key_id=str(values["key"]),
            signature=bytes.fromhex(values["signature"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise HeadsUnusable(f"{place} is no head of an audit chain: restore the file from a copy.") from error

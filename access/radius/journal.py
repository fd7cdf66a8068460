"""The journal of one RADIUS worker: records that are on disk before the replies they belong to leave. ◆

A journal is a series of files NAME.EPOCH.PART.journal. The epoch is drawn when a directory has no journal of
that name yet, so a machine whose disk was replaced never counts again under an old name. Each file begins
with a record that says who writes it and how far it had counted; a file that has grown is followed by the
next part. Only one process writes a journal, and only the loader removes a file, once it is loaded and
followed.

Records that become rows of the audit are numbered here, without gaps over restarts.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from errno import ENOSPC
from itertools import chain, islice
from pathlib import Path

from access.errors import AccessError
from access.radius.journal_format import Json, decode, encode, lengths

ROTATE_OCTETS = 16 << 20
EPOCH_OCTETS = 4
# As much as some hundred records need, and at least as much as the longest record.
READ_OCTETS, LONG_READ_OCTETS = 512 << 10, 4 << 20
# Room for the record that begins a file.
HEAD_OCTETS = 4096
SUFFIX = ".journal"
# Keys of a record that the journal itself writes.
WRITER, COUNTED, NUMBER = "writer", "counted", "number"
# What a caller sets in a record that becomes a row of the audit.
AUDITED = "audited"


class JournalUnavailable(AccessError):
    """The records are not on disk: the disk is full or failing. Nothing that depends on them may be sent."""


class JournalTaken(AccessError):
    """Another process writes this journal."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One file of a journal."""

    name: str
    epoch: str
    number: int

    @property
    def file_name(self) -> str:
        """The name of the file."""
        return f"{self.name}.{self.epoch}.{self.number:08d}{SUFFIX}"


class Journal:
    """The end of a journal that is written to.

    writer is the name under which its records are numbered; host tells machines apart in it. A file that
    has grown over rotate_octets is followed by another.
    """

    def __init__(
        self,
        directory: Path,
        name: str,
        host: str,
        random: Callable[[int], bytes],
        rotate_octets: int = ROTATE_OCTETS,
    ) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        self._rotate_octets = rotate_octets
        self._lock = _lock(directory / f"{name}.lock")
        self._counted = 0
        part = max((part for part in parts(directory) if part.name == name), default=None)
        epoch = part.epoch if part else random(EPOCH_OCTETS).hex()
        self.writer = f"{host}-{name}-{epoch}"
        if part is None:
            self._begin(Part(name, epoch, 1), 0)
        else:
            self._resume(part)

    def append(self, records: Sequence[Json]) -> None:
        """Return when the records are on disk, all of them with one write and one sync.

        Raises JournalUnavailable, and then none of them is in the journal.
        """
        counted = self._counted
        numbered = []
        for record in records:
            if record.get(AUDITED):
                counted += 1
                record = {**record, NUMBER: counted}  # noqa: PLW2901
            numbered.append(record)
        self._write(encode(numbered))
        self._counted = counted
        if self._size > self._rotate_octets:
            self._follow()

    def close(self) -> None:
        """Let another process write this journal."""
        os.close(self._file)
        os.close(self._lock)

    def _begin(self, part: Part, counted: int) -> None:
        """Go on in a new file. Raises JournalUnavailable."""
        path = self._directory / part.file_name
        try:
            file, size = _create(path, encode([{WRITER: self.writer, COUNTED: counted}]))
        except OSError as error:
            raise JournalUnavailable(f"The journal {path} cannot be begun: {error.strerror}.") from error
        self._file, self._part, self._size, self._counted = file, part, size, counted

    def _follow(self) -> None:
        """Go on in the next file; while that cannot be had, in the one there is."""
        full = self._file
        try:
            self._begin(Part(self._part.name, self._part.epoch, self._part.number + 1), self._counted)
        except JournalUnavailable:
            return
        os.close(full)

    def _resume(self, part: Part) -> None:
        """Go on in a file that is there, behind its last whole record."""
        path = self._directory / part.file_name
        octets = path.read_bytes()
        self._part, self._size = part, 0
        for read in decode(octets):
            self._size = read.end
            self._counted = read.record.get(NUMBER, read.record.get(COUNTED, self._counted))
        if self._size == 0:
            raise JournalUnavailable(f"{path} is no journal any more: move it away, and keep it.")
        self._file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        if self._size < len(octets):
            self._cut()

    def _write(self, octets: bytes) -> None:
        try:
            written = os.pwrite(self._file, octets, self._size)
            if written < len(octets):
                raise OSError(ENOSPC, os.strerror(ENOSPC))
            os.fdatasync(self._file)
        except OSError as error:
            self._cut()
            where = self._directory / self._part.file_name
            raise JournalUnavailable(
                f"The journal {where} cannot be written: {error.strerror}. Logins get no answer until it can."
            ) from error
        self._size += len(octets)

    def _cut(self) -> None:
        """Take away what is behind the last whole record, or the loader would stop there.

        Where even that fails, the next write covers it: writes go to where the last whole record ends.
        """
        try:
            os.ftruncate(self._file, self._size)
            os.fdatasync(self._file)
        except OSError:
            return


@dataclass(frozen=True, slots=True)
class Piece:
    """Records of one file, each with the place where it ends; writer is who numbered them.

    They are read one by one, when somebody takes them.
    """

    part: Part
    writer: str
    records: Iterator[tuple[int, Json]]


def parts(directory: Path) -> list[Part]:
    """Return every file of every journal in a directory, in the order in which each was written."""
    found = []
    for path in directory.glob(f"*{SUFFIX}"):
        name, _, rest = path.name.removesuffix(SUFFIX).partition(".")
        epoch, _, number = rest.partition(".")
        if epoch and number.isdecimal():
            found.append(Part(name, epoch, int(number)))
    return sorted(found)


def read(directory: Path, part: Part, begin: int) -> Piece | None:
    """Return records behind begin octets of a file, None where there is none; what begins it is not one."""
    with (directory / part.file_name).open("rb") as file:
        writer, head_end = _head(file.read(HEAD_OCTETS))
        start = max(begin, head_end)
        for octets in (READ_OCTETS, LONG_READ_OCTETS):
            file.seek(start)
            records = _records(file.read(octets), start)
            if (first := next(records, None)) is not None:
                return Piece(part, writer, chain((first,), records))
    return None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is not loaded yet. oldest_at is the time of the oldest record, None where there is none."""

    records: int = 0
    octets: int = 0
    oldest_at: float | None = None


def waiting(directory: Path, loaded: Mapping[str, int]) -> Waiting:
    """Return what is in the journals behind what is loaded of each file, by its name."""
    records, octets, oldest = 0, 0, []
    for part in parts(directory):
        try:
            behind = _behind(directory / part.file_name, loaded.get(part.file_name, 0))
        except OSError:
            continue  # loaded and removed while we looked
        records += sum(1 for _ in lengths(behind))
        octets += len(behind)
        oldest += [float(first.record.get("t", 0.0)) for first in islice(decode(behind), 1)]
    return Waiting(records, octets, min(oldest, default=None))


def _behind(path: Path, begin: int) -> bytes:
    """Return the octets behind what is loaded; the record that begins a file is not one."""
    with path.open("rb") as file:
        _, head_end = _head(file.read(HEAD_OCTETS))
        file.seek(max(begin, head_end))
        return file.read()


def is_followed(part: Part, known: Sequence[Part]) -> bool:
    """Return whether a later file of the same journal exists: this one will not grow any more."""
    return any(
        (other.name, other.epoch) == (part.name, part.epoch) and other.number > part.number for other in known
    )


def remove(directory: Path, part: Part) -> None:
    """Remove a file that is loaded."""
    (directory / part.file_name).unlink(missing_ok=True)


def _head(octets: bytes) -> tuple[str, int]:
    for first in decode(octets):
        return str(first.record.get(WRITER, "")), first.end
    return "", 0


def _records(octets: bytes, start: int) -> Iterator[tuple[int, Json]]:
    for each in decode(octets):
        yield start + each.end, each.record


def _create(path: Path, head: bytes) -> tuple[int, int]:
    """Return a new file that begins with head, and its size. It gets its name when it is whole."""
    draft = path.with_suffix(".new")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        if os.pwrite(file, head, 0) < len(head):
            raise OSError(ENOSPC, os.strerror(ENOSPC))
        os.fsync(file)
        draft.rename(path)
        _sync_directory(path.parent)
    except OSError:
        os.close(file)
        raise
    return file, len(head)


def _lock(path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise JournalTaken(f"Another process writes the journal of {path.stem}: stop it first.") from None
    return file


def _sync_directory(directory: Path) -> None:
    file = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)

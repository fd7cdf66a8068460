"""The key file: made on the first start, and refused when others could read it. ◆

Each line is a key id and 32 octets in base64; the last line is the current key, and lines that begin with #
are remarks. The file stays out of the database's directory, so that a backup or a copy of the database never
carries the keys to it.
"""

import base64
import binascii
import os
import stat
from collections.abc import Set
from pathlib import Path

from access.errors import Misconfigured
from access.sealing import KEY_OCTETS, BadKeyring, Keyring

_LARGEST_OCTETS = 65536
_REMARK = (
    "# The keys to all secrets Officegate stores. Keep a backup, apart from the database's: without this\n"
    "# file nobody can sign in with a code. A new key is a new last line; older lines stay.\n"
)


class KeyFileRefused(Misconfigured):
    """The key file is incomplete, or others could read or change it: the message says what to do."""


def load_or_create(
    path: Path, database_directory: Path | None = None, needed: Set[str] = frozenset()
) -> Keyring:
    """Return the keys in the file, which is made with one new key if there is none.

    database_directory is where the database keeps its files, None if it is on a server. needed: ids of keys
    that secrets are sealed under already; without them nothing is made and nothing is started. Two processes
    that start at once end up with the same key. Raises KeyFileRefused.
    """
    _refuse_beside_database(path, database_directory)
    try:
        if not path.exists():
            _refuse_lost(path, needed)
            _create(path)
        text = _read(path)
    except OSError as error:
        raise KeyFileRefused(
            f"the key file {path} cannot be made or read: {error.strerror}; give the account that runs "
            "Officegate a directory it may write to, or set the key file to another path"
        ) from None
    keyring = _parse(text, path)
    if missing := needed - keyring.keys.keys():
        raise KeyFileRefused(
            f"the key file {path} does not have key {_named(missing)}, which secrets in the database are"
            " sealed under: put that line back from its backup, or set the file that belongs to this database"
        )
    return keyring


def _refuse_lost(path: Path, needed: Set[str]) -> None:
    if needed:
        raise KeyFileRefused(
            f"the key file {path} is gone, and secrets in the database are sealed under key {_named(needed)}:"
            " restore the file from its backup, or set the path where it is now; a new key would open nothing"
        )


def _named(key_ids: Set[str]) -> str:
    return " and ".join(sorted(key_ids))


def _refuse_beside_database(path: Path, database_directory: Path | None) -> None:
    if database_directory is None:
        return
    if path.resolve().is_relative_to(database_directory.resolve()):
        raise KeyFileRefused(
            f"the key file {path} lies inside the database's directory {database_directory}, so whoever "
            "copies the one has the other; move it elsewhere and set its new path"
        )


def _create(path: Path) -> None:
    """Write a file with one new key, whole or not at all; where another process was faster, keep its file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_id, key = os.urandom(4).hex(), os.urandom(KEY_OCTETS)
    line = f"{key_id} {base64.b64encode(key).decode()}\n"
    draft = path.with_name(f".{path.name}.{key_id}")
    _write_new(draft, (_REMARK + line).encode())
    try:
        os.link(draft, path)  # unlike a rename, it fails where there is a file already
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync_directory(path.parent)


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _sync_directory(path: Path) -> None:
    """Make a new name in a directory survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> bytes:
    # What is checked is the file that is open, not whatever has the name a moment later; and a pipe in its
    # place must not make the start wait forever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        _refuse_unsafe(os.fstat(descriptor), path)
        return os.read(descriptor, _LARGEST_OCTETS)
    finally:
        os.close(descriptor)


def _refuse_unsafe(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_OCTETS:
        raise KeyFileRefused(
            f"{path} is no key file: it is larger than {_LARGEST_OCTETS} octets or not a regular file; "
            "set the key file to another path"
        )
    if status.st_mode & 0o077:
        raise KeyFileRefused(
            f"the key file {path} is open to others (mode {stat.S_IMODE(status.st_mode):04o}): "
            f"run chmod 600 {path}, and if somebody may have read it, add a new key"
        )
    if status.st_uid not in (0, os.geteuid()):
        raise KeyFileRefused(
            f"the key file {path} belongs to user id {status.st_uid}, who can change it: "
            f"run chown {os.geteuid()} {path}"
        )


def _parse(content: bytes, path: Path) -> Keyring:
    keys: dict[str, bytes] = {}
    for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        key_id, key = _parse_words(words, f"{path}, line {number}")
        if key_id in keys:
            raise KeyFileRefused(f"{path}, line {number}: this key id is there twice; give one another id")
        keys[key_id] = key
    if not keys:
        raise KeyFileRefused(
            f"the key file {path} holds no key: restore it from its backup; only if nothing was ever "
            "stored, remove it and start again"
        )
    try:
        return Keyring(keys, current=list(keys)[-1])
    except BadKeyring as error:
        raise KeyFileRefused(f"{path}: {error}; restore the file from its backup") from None


def _parse_words(words: list[str], place: str) -> tuple[str, bytes]:
    """Return the id and the key of one line; a message never repeats what may be part of a key."""
    if len(words) != 2:
        raise KeyFileRefused(f"{place}: expected a key id and a key in base64, found {len(words)} words")
    try:
        return words[0], base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        raise KeyFileRefused(f"{place}: the key is not base64; restore the file from its backup") from None

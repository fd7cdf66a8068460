"""Where the keys are: a key file, made on the first start and refused when others could read it. ◆

How its lines look: access.keys.keylines. The file stays out of the database's directory, so that a backup or
a copy of the database never carries the keys to it. Processes that run look at it again when they are about
to seal, so that a new line is used without a restart. Instead of a file there may be a variable or a
credential of systemd.
"""

import fcntl
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from access.config import KeySettings
from access.errors import Misconfigured
from access.keys import keylines
from access.keys.keylines import KeyFileRefused
from access.keys.keystore import KeyStore
from access.keys.sealing import KEY_OCTETS, Keyring

__all__ = ["KeyFileRefused", "add_key", "load", "load_or_create", "open_keys", "refuse_missing"]

CREDENTIALS = "CREDENTIALS_DIRECTORY"

_LARGEST_OCTETS = 65536
_REMARK = (
    "# The keys to all secrets Officegate stores. Keep a backup, apart from the database's: without this\n"
    "# file nobody can sign in with a code. A new key is a new last line; older lines stay.\n"
)


def load_or_create(
    path: Path,
    database_directory: Path | None = None,
    needed: Set[str] = frozenset(),
    store: KeyStore | None = None,
) -> Keyring:
    """Return the keys in the file, which is made with one new key if there is none.

    database_directory is where the database keeps its files, None if it is on a server. needed: ids of keys
    that secrets are sealed under already; without them nothing is made and nothing is started. Two processes
    that start at once end up with the same key. store wraps the keys in the file. Raises KeyFileRefused.
    """
    _refuse_beside_database(path, database_directory)
    try:
        if not path.exists():
            _refuse_lost(path, needed)
            _create(path, store)
        keyring = load(path, store)
    except OSError as error:
        raise KeyFileRefused(
            f"the key file {path} cannot be made or read: {error.strerror}; give the account that runs "
            "Officegate a directory it may write to, or set the key file to another path"
        ) from None
    refuse_missing(keyring, needed, f"the key file {path}")
    return keyring


def load(path: Path, store: KeyStore | None = None) -> Keyring:
    """Return the keys in a file that is there; they look at it again by themselves. Raises KeyFileRefused."""
    seen = _stamp(path)
    keyring = keylines.parse(_read(path), str(path), store)
    return replace(keyring, news=_Watch(path, seen, store))


def add_key(path: Path, random: Callable[[int], bytes], store: KeyStore | None = None) -> str:
    """Write a new key behind the others, which makes it the current one, and return its id.

    The file is written whole or not at all, and stays its owner's. Of two that do so at once each finds the
    line of the other. Raises KeyFileRefused, OSError.
    """
    with _alone_in(path.parent):
        return _added(path, random, store)


def _added(path: Path, random: Callable[[int], bytes], store: KeyStore | None) -> str:
    before = _read(path)
    keylines.parse(before, str(path), store)
    key_id = random(4).hex()
    written = before.rstrip(b"\n") + b"\n" + keylines.line(key_id, random(KEY_OCTETS), store).encode()
    draft = path.with_name(f".{path.name}.{key_id}")
    _write_new(draft, written)
    status = path.stat()
    os.chown(draft, status.st_uid, status.st_gid)
    draft.rename(path)
    _sync_directory(path.parent)
    return key_id


def refuse_missing(keyring: Keyring, needed: Set[str], place: str) -> None:
    """Raise KeyFileRefused unless every key is there that secrets are sealed under."""
    if missing := needed - keyring.keys.keys():
        raise KeyFileRefused(
            f"{place} does not have key {_named(missing)}, which secrets in the database are"
            " sealed under: put that line back from its backup, or set the file that belongs to this database"
        )


@dataclass
class _Watch:
    """News of a key file: its keys, if it is another file than the one that was read last."""

    path: Path
    seen: tuple[int, ...]
    store: KeyStore | None

    def __call__(self) -> Keyring | None:
        try:
            now = _stamp(self.path)
            if now == self.seen:
                return None
            keyring = keylines.parse(_read(self.path), str(self.path), self.store)
        except (Misconfigured, OSError):
            return None  # somebody edits it: what was known goes on, and it is looked at again
        self.seen = now
        return keyring


def _stamp(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


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


def _create(path: Path, store: KeyStore | None) -> None:
    """Write a file with one new key, whole or not at all; where another process was faster, keep its file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_id, key = os.urandom(4).hex(), os.urandom(KEY_OCTETS)
    line = keylines.line(key_id, key, store)
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


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Be the only one who changes files here; others wait."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


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


def open_keys(
    settings: KeySettings,
    store: KeyStore | None = None,
    database_directory: Path | None = None,
    needed: Set[str] = frozenset(),
    environ: Mapping[str, str] = os.environ,
) -> Keyring:
    """Return the keys of this installation. Raises KeyFileRefused.

    Only a key file is made where there is none. needed: ids of keys that secrets are sealed under already.
    """
    if settings.variable:
        return _given(settings.variable, environ, store, needed)
    if settings.credential:
        return _credential(settings.credential, environ, store, needed)
    return load_or_create(settings.file, database_directory, needed, store)


def _given(name: str, environ: Mapping[str, str], store: KeyStore | None, needed: Set[str]) -> Keyring:
    text = environ.get(name, "")
    if not text:
        raise KeyFileRefused(
            f"the variable {name} that keys.variable names is not set or empty: set it where the service is"
            " started, to the lines a key file would have"
        )
    # What sets variables seldom has lines; no base64 has a semicolon.
    keyring = keylines.parse(text.replace(";", "\n").encode(), f"variable {name}", store)
    refuse_missing(keyring, needed, f"the variable {name}")
    return keyring


def _credential(name: str, environ: Mapping[str, str], store: KeyStore | None, needed: Set[str]) -> Keyring:
    folder = environ.get(CREDENTIALS, "")
    if not folder:
        raise KeyFileRefused(
            f"keys.credential names {name}, and systemd has handed over no credentials: put"
            f" LoadCredentialEncrypted={name} into the unit, and run commands by systemd-run with the same"
        )
    path = Path(folder) / name
    try:
        keyring = load(path, store)
    except OSError as error:
        raise KeyFileRefused(f"the credential {path} cannot be read: {error.strerror}") from None
    refuse_missing(keyring, needed, f"the credential {path}")
    return keyring

"""The key file, the database, the disk and the folder of the audit heads. ◆"""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from access.app import needed_keys, open_database, open_key_store
from access.commands.checks.verdict import Verdict, fail, ok, warn
from access.config import Settings
from access.errors import AccessError
from access.keys import keyfile
from access.keys.sealing import Keyring, SealBroken
from access.radius.tls_files import AuthorityFiles, Vault
from access.store import schema, sealed, watch
from access.store.database import Database
from access.store.rekeying import FILES

_TIGHT_BYTES = 1_000_000_000
_FULL_BYTES = 100_000_000
_LONG_TRANSACTION_S = 5.0
_SLOW_COMMIT_S = 0.5


def key_file(settings: Settings) -> Iterator[Verdict]:
    """Whether the keys to all secrets can be read, by us alone. Makes nothing."""
    path = settings.keys.file
    needed = _needed(settings)
    elsewhere = settings.keys.variable or settings.keys.credential
    if not elsewhere and not path.exists() and not needed:
        if _is_writable(path.parent):
            yield ok("key file", f"{path} will be made on the first start")
        else:
            yield fail(
                "key file", f"{path} cannot be made", f"make {path.parent} and let this account write to it"
            )
        return
    try:
        keyring = keyfile.open_keys(settings.keys, open_key_store(settings.keys), needed=needed)
    except AccessError as error:
        yield fail("key file", str(error))
    else:
        count = len(keyring.keys)
        yield ok("key file", f"{elsewhere or path}, {count} {'key' if count == 1 else 'keys'}")
        yield from _left_behind(settings, keyring)


def _left_behind(settings: Settings, keyring: Keyring) -> Iterator[Verdict]:
    """Secrets under a key that was taken away too soon."""
    files = AuthorityFiles(settings.state_dir / "tls", Vault(keyring, os.urandom))
    try:
        counted = _unopenable(settings, keyring) | {FILES: files.unopenable()}
    except SealBroken as error:
        yield fail("keys", str(error))
        return
    left = {what: count for what, count in counted.items() if count}
    if left:
        named = ", ".join(f"{count} {what}" for what, count in left.items())
        right = "put its line back from the backup, run: officegate otp rekey"
        yield fail("keys", f"{named}: encrypted under a key that is not there", right)


def _unopenable(settings: Settings, keyring: Keyring) -> dict[str, int]:
    opened = open_database(settings)
    try:
        if opened.file is not None and not opened.file.exists():
            return {}
        with opened.read() as conn:
            return {each.what: sealed.unopenable(conn, each, keyring.keys) for each in sealed.present(conn)}
    except AccessError:
        return {}  # the check of the database says so
    finally:
        opened.close()


def _needed(settings: Settings) -> frozenset[str]:
    opened = open_database(settings)
    try:
        return needed_keys(opened)
    except AccessError:
        # The check of the database says so.
        return frozenset()
    finally:
        opened.close()


def database(settings: Settings) -> Iterator[Verdict]:
    """Whether the database is there, migrated, writable and quick enough."""
    opened = open_database(settings)
    if opened.file is not None and not opened.file.exists():
        yield fail("database", f"{opened.file} is not there", "run: officegate migrate")
        return
    try:
        schema.require_current(opened)
        yield _commit(opened)
        yield from _held_back(opened)
    except AccessError as error:
        yield fail("database", str(error))
    finally:
        opened.close()


def _commit(opened: Database) -> Verdict:
    began = time.monotonic()
    with opened.write() as conn:
        watch.touch(conn, time.time())
    took_s = time.monotonic() - began
    seen = f"{opened.shown_url} at revision {schema.newest()}, a commit took {took_s * 1000:.0f} ms"
    if took_s > _SLOW_COMMIT_S:
        return warn("database", seen, "put it on a faster disk, or see who else is writing")
    return ok("database", seen)


def _held_back(opened: Database) -> Iterator[Verdict]:
    """On PostgreSQL no change is told that is newer than the oldest transaction still open."""
    with opened.read() as conn:
        age_s = watch.oldest_transaction_s(conn)
    if age_s > _LONG_TRANSACTION_S:
        seen = f"a transaction has been open for {age_s:.0f} s: changes wait for it"
        yield warn("change feed", seen, "end it (pg_stat_activity), or give Officegate a cluster of its own")


def disk(settings: Settings) -> Iterator[Verdict]:
    """Whether there is room for journals, on a disk of their own too: without it no login may be answered."""
    journal = settings.state_dir / "journal"
    yield _room(settings.state_dir)
    if os.path.ismount(journal):
        yield _room(journal)


def _room(folder: Path) -> Verdict:
    usage = shutil.disk_usage(_nearest(folder))
    seen = f"{usage.free / 1e9:.1f} GB free for {folder}"
    if not _is_writable(folder):
        return fail("disk", f"{folder} cannot be written to", "let this account write to it")
    if usage.free < _FULL_BYTES:
        return fail("disk", seen, "make room: no login is answered before its record is on disk")
    if usage.free < _TIGHT_BYTES:
        return warn("disk", seen, "make room before it is full")
    return ok("disk", seen)


def heads(settings: Settings) -> Iterator[Verdict]:
    """Whether the heads of the audit chains can be written."""
    folder = settings.audit.heads_dir
    if _is_writable(folder):
        yield ok("audit heads", f"{folder} can be written to")
    else:
        yield fail("audit heads", f"{folder} cannot be written to", "let this account write to it")


def _is_writable(folder: Path) -> bool:
    """Whether files can be made there, the folder itself included."""
    place = _nearest(folder)
    return place.is_dir() and os.access(place, os.W_OK | os.X_OK)


def _nearest(path: Path) -> Path:
    """The path, or the first folder above it that is there."""
    return next(place for place in (path, *path.parents) if place.exists())

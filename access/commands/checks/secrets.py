"""The files that secrets of the configuration lie in: whether others on this machine can read them. ◆"""

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from access.commands.checks.verdict import Verdict, ok, warn
from access.config import Settings


def files(settings: Settings, named: Iterable[Path]) -> Iterator[Verdict]:
    """A line for each file that others can read; one for all where nobody can. named: by NAME_file."""
    known = sorted({*named, *_private_keys(settings)})
    open_ones = [(path, mode) for path in known if (mode := _open_to_others(path))]
    for path, mode in open_ones:
        yield warn(
            "secret file",
            f"{path} is open to everybody on this machine (mode {mode:04o})",
            f"chmod o= {path}, and change the secret if others have accounts here",
        )
    if known and not open_ones:
        yield ok("secret file", f"{len(known)} {'is' if len(known) == 1 else 'are'} closed to others")


def _private_keys(settings: Settings) -> Iterator[Path]:
    radius = (settings.radius.private_key, settings.radius.radsec_private_key)
    others = (settings.web.private_key, settings.audit.syslog.private_key, settings.keys.pkcs11_pin_file)
    yield from (path for path in (*radius, *others) if path is not None)


def _open_to_others(path: Path) -> int:
    """The mode of a file on which others have any right; 0 where they have none, or there is no file."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
    return mode if mode & stat.S_IRWXO else 0

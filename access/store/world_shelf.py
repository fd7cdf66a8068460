"""What RADIUS workers know, in two files, for one that starts while the database is away. ◆

    known   the world at a position of the change feed, sealed under the key file
    true    until when nothing in it has changed since, sealed too: written every few seconds; and what is
            left of keys that are gone, which the database has otherwise

Only what opens under the key file is read at all, and only what this version has written.
"""

import os
import pickle
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import structlog

from access.keys.sealing import Keyring, SealBroken
from access.store.feed import Position
from access.store.world_copy import LAYOUT, Everything

LOG = structlog.get_logger()
_KNOWN, _TRUE = b"known world", b"known world is true"
# Three times as fast as the usual, and a tenth larger.
_COMPRESSION = 1
# Enough of a sealed text to see which key it is under.
_SHORTEST_SEALED = 128


Subkeys = Mapping[tuple[str, str], bytes]


@dataclass(frozen=True, slots=True)
class _Truth:
    """What stands in the small file. mark is the hash of the large one."""

    mark: bytes
    position: Position
    true_at: float
    kept: Subkeys = field(repr=False)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was known, true until true_at (seconds since the epoch), up to a position of the feed."""

    known: Everything
    position: Position
    true_at: float


class WorldShelf:
    """The two files. One process writes them; whoever starts reads."""

    def __init__(self, state_dir: Path, keyring: Keyring, random: Callable[[int], bytes]) -> None:
        self._directory = state_dir / "known"
        self._keyring, self._random = keyring, random
        self._mark = b""
        self._kept: Subkeys = {}
        self._begins = b""

    def keep(self, known: Everything, kept: Subkeys, at: float) -> int:
        """Write the world down as it was at a moment, and return how many octets that takes. Raises OSError.

        kept are subkeys of keys that are gone.
        """
        octets = zlib.compress(pickle.dumps(known, pickle.HIGHEST_PROTOCOL), _COMPRESSION)
        sealed = self._keyring.seal(LAYOUT + octets, _KNOWN, self._random)
        self._mark, self._kept = sha256(sealed).digest(), kept
        self._begins = sealed[:_SHORTEST_SEALED]
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._write("known", sealed)
        self.still_true(known.position, at)
        return len(sealed)

    @property
    def needs_rekey(self) -> bool:
        """Whether what was written last is sealed under an older key than the newest."""
        return bool(self._begins) and self._keyring.needs_rekey(self._begins)

    def still_true(self, position: Position, at: float) -> None:
        """Write down that up to a position nothing in what was kept has changed. Raises OSError."""
        said = pickle.dumps(_Truth(self._mark, position, at, self._kept))
        self._write("true", self._keyring.seal(LAYOUT + said, _TRUE, self._random))

    def kept(self) -> Subkeys | None:
        """Return what is left of keys that are gone; None where nothing was kept here that can be used."""
        try:
            return self._truth().kept
        except (OSError, SealBroken):
            return None

    def read(self) -> Remembered | None:
        """Return what was kept; None, with a line in the log, where it cannot be used."""
        try:
            truth = self._truth()
            sealed = (self._directory / "known").read_bytes()
            octets = self._opened(sealed, _KNOWN)
        except (OSError, SealBroken) as error:
            LOG.error("what was known before cannot be read", why=str(error))
            return None
        if truth.mark != sha256(sealed).digest():
            LOG.error("what was known before was half written")
            return None
        known: Everything = pickle.loads(zlib.decompress(octets))  # noqa: S301 - as below
        return Remembered(known, truth.position, truth.true_at)

    def _truth(self) -> "_Truth":
        """Raises OSError, SealBroken."""
        # Whoever can seal has the key file already: nobody else's octets come this far.
        octets = self._opened((self._directory / "true").read_bytes(), _TRUE)
        truth: _Truth = pickle.loads(octets)  # noqa: S301
        return truth

    def _opened(self, sealed: bytes, place: bytes) -> bytes:
        octets = self._keyring.open_sealed(sealed, place)
        if not octets.startswith(LAYOUT):
            raise SealBroken("it is of another version")
        return octets[len(LAYOUT) :]

    def _write(self, name: str, octets: bytes) -> None:
        draft = self._directory / f"{name}.new"
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600, exist_ok=False)
        with draft.open("wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._directory / name)

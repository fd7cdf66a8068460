"""Changing the key that secrets are sealed under, while everything else goes on. ▸

All that is sealed under an older key is sealed anew under the current one, a little at a time and each row
only if it is still as it was read. A run that was killed is simply run again: what is done stays done. First
of all what written codes, sessions and heads of the audit are checked with is kept under the current key, so
that the older one may go without ending them. In the end the rows under each older key are counted, with all
writers held back, so that none is proved to be none. A secret that does not open is told and passed over: it
must not keep all the others under the older key.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is with one kind of secret."""

    what: str
    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """What came of it. under: secrets there still are under each key but the current, by what they are.

    A key with none may be removed.
    """

    current: str
    changed: Mapping[str, int]
    under: Mapping[str, Mapping[str, int]]
    broken: Sequence[str] = ()

    def unused(self) -> Sequence[str]:
        """Return the keys that nothing is sealed under."""
        return [key_id for key_id, left in self.under.items() if not any(left.values())]


@dataclass(frozen=True, slots=True)
class Step:
    """Some secrets of one kind. last: where the next step begins, None once there are no more.

    broken: what was said of those that do not open.
    """

    last: tuple[Any, ...] | None
    changed: int
    broken: tuple[str, ...] = ()


class RekeyPorts(Protocol):
    """What changing keys needs of the world."""

    def current(self) -> str: ...
    def kinds(self) -> Sequence[str]:
        """The kinds of secrets there are, in words."""

    def keep_subkeys(self) -> None: ...
    def remaining(self, kind: str) -> int: ...
    def reseal_some(self, kind: str, after: tuple[Any, ...] | None) -> Step: ...

    def under_older_keys(self) -> Mapping[str, Mapping[str, int]]:
        """How many of each kind are under each older key, counted while nobody writes."""

    def record(self, rekeyed: Rekeyed) -> None: ...


def rekey(ports: RekeyPorts, told: Callable[[Progress], None]) -> Rekeyed:
    """Seal everything under the current key; told hears how far it is after each step."""
    ports.keep_subkeys()
    changed: dict[str, int] = {}
    broken: list[str] = []
    for kind in ports.kinds():
        changed[kind] = _reseal(ports, kind, told, broken)
    rekeyed = Rekeyed(ports.current(), changed, ports.under_older_keys(), broken)
    ports.record(rekeyed)
    return rekeyed


def _reseal(ports: RekeyPorts, kind: str, told: Callable[[Progress], None], broken: list[str]) -> int:
    total, changed = ports.remaining(kind), 0
    after: tuple[Any, ...] | None = None
    while True:
        step = ports.reseal_some(kind, after)
        after, changed = step.last, changed + step.changed
        broken += step.broken
        if after is None:
            return changed
        # Rows that others have added under the older key meanwhile are done as well.
        told(Progress(kind, changed, max(total, changed)))

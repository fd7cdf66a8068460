"""What is known of the people, or the groups, of a directory that is polled; where the next look begins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from access.directory import stamps
from access.directory.entries import RawEntry
from access.directory.sweep import Sweep

# Two servers behind one name, or two writers in one, need not show changes in the order of their stamps.
OVERLAP = timedelta(seconds=30)
# What a look finds again each time. More would be slow, and more than OpenLDAP shows without pages (500).
MOST_AGAIN = 400


@dataclass(slots=True)
class Known:
    """How people or groups are found, and what is known of them. seen: UUID to stamp.

    newest: the newest change seen. unsure: how long before it somebody may have changed while everything was
    read. found: how many the last look found.
    """

    base: str
    search_filter: str
    attributes: tuple[str, ...]
    seen: dict[str, str] = field(default_factory=dict)
    newest: datetime | None = None
    unsure: timedelta = timedelta()
    found: int = 0
    sweep: Sweep = field(default_factory=Sweep)
    _lately: stamps.Lately = field(default_factory=stamps.Lately)

    def begin(self, raws: Sequence[RawEntry], attribute: str, unsure: timedelta) -> None:
        """Take these for everybody."""
        self.seen, self._lately = {}, stamps.Lately()
        self.know(raws, attribute)
        self.newest, self.unsure = stamps.newest(raws, attribute), unsure

    def know(self, raws: Iterable[RawEntry], attribute: str) -> None:
        """Keep the stamps of entries that were read whole."""
        read = {raw.uuid: stamps.stamp(raw, attribute) for raw in raws}
        self._lately.note(stamp for uuid, stamp in read.items() if self.seen.get(uuid) != stamp)
        self.seen |= read

    def looked(self, found: Sequence[RawEntry], attribute: str) -> None:
        """Keep how far a look has seen, and whom."""
        newest = stamps.newest(found, attribute)
        if newest is not None and (self.newest is None or newest > self.newest):
            self.newest = newest
        self.unsure, self.found = timedelta(), len(found)
        self.sweep.touch(raw.uuid for raw in found)

    def since(self, attribute: str) -> str:
        """Return the filter of the next look."""
        if self.newest is None:
            return self.search_filter
        back = self._lately.lookback(self.newest, OVERLAP + self.unsure, MOST_AGAIN)
        return f"(&{self.search_filter}{stamps.changed_since(attribute, self.newest, back)})"

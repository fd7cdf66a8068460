"""Everyone of a directory that is polled, page by page between the looks: who is missing, what no look saw.

A sweep is no picture of one moment: people come, go and are renamed while it is on.

    who is on a page               was there when the page was made
    whom a look saw meanwhile      is there, on a page or not: they may have come behind the last page
    who is neither                 is missing, once a look has come after the last page; whoever is asked for
                                   by UUID then and is not there is gone
    who has another stamp          changed, and no look saw it: two writers, or two servers, need not show
                                   changes in the order of their stamps
    a stranger with an old stamp   was there before and could not be seen: rights have changed

Whoever is deleted after their page, or after a look has seen them, is missing at the next sweep.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Sweep:
    """What has been seen of one kind of entry since the sweep began. begun: older stamps are old."""

    begun: str = ""
    _shown: dict[str, str] = field(default_factory=dict)
    _touched: set[str] = field(default_factory=set)

    def show(self, page: Iterable[tuple[str, str]]) -> None:
        """Take in a page: UUIDs and stamps."""
        self._shown.update(page)

    def touch(self, uuids: Iterable[str]) -> None:
        """Take in whom a look has seen."""
        self._touched.update(uuids)

    def missing(self, seen: Mapping[str, str]) -> list[str]:
        """Return who is known by seen, UUID to stamp, and was not to be seen in the sweep."""
        return [uuid for uuid in seen if uuid not in self._shown and uuid not in self._touched]

    def late(self, seen: Mapping[str, str]) -> list[str]:
        """Return who changed, or came, without a look having seen it."""
        shown = self._shown.items()
        return [uuid for uuid, stamp in shown if seen.get(uuid) != stamp and uuid not in self._touched]

    def has_strangers(self, seen: Mapping[str, str]) -> bool:
        """Return whether somebody is there whom nobody saw before, though they did not change of late."""
        return any(uuid not in seen and self._shown[uuid] < self.begun for uuid in self.late(seen))

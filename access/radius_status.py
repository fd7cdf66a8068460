"""What the RADIUS workers of a machine have counted, and what waits in their journals: read, and added up."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one NAS did to all workers. Times are seconds since the epoch.

    since: when the worker that counts longest was started. bad_began and bad_last: the first and the last bad
    authenticator of the latest trouble.
    """

    since: float = 0.0
    counts: Mapping[str, int] = field(default_factory=dict)
    bad_began: float | None = None
    bad_last: float | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to be loaded into the database.

    at: when the loader was last heard, None: never. failing_since and why: what stands in its way.
    """

    records: int = 0
    octets: int = 0
    oldest_at: float | None = None
    at: float | None = None
    failing_since: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class RadiusStatus:
    """Everything the workers of this machine tell, by their names, and the backlog."""

    workers: Mapping[str, Told] = field(default_factory=dict)
    backlog: Backlog = Backlog()

    @property
    def strangers(self) -> int:
        """How many packets came from addresses that are no NAS."""
        return sum(told.get("strangers", 0) for told in self.workers.values())

    def traffic(self) -> dict[str, Traffic]:
        """What each NAS did, by its name."""
        names = sorted({name for told in self.workers.values() for name in told.get("nas", {})})
        return {name: self.traffic_of(name) for name in names}

    def traffic_of(self, name: str) -> Traffic:
        """What one NAS did."""
        counts: Counter[str] = Counter()
        began, last = [], []
        for told in self.workers.values():
            counted = told.get("nas", {}).get(name, {})
            counts.update({key: value for key, value in counted.items() if type(value) is int})
            began += [counted["bad_began"]] if counted.get("bad_began") is not None else []
            last += [counted["bad_last"]] if counted.get("bad_last") is not None else []
        since = min((told.get("began", 0.0) for told in self.workers.values()), default=0.0)
        return Traffic(since, dict(counts), min(began, default=None), max(last, default=None))

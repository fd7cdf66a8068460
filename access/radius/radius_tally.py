"""How many logins ended how, and how long they took, counted from the records of one RADIUS worker.

A login's time is that of all its steps, from its first request to its decision: what somebody waited for, but
for the journal and the delay of a refusal.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from radius.counters import Histogram

ENDINGS = frozenset({"login", "device-login", "refusal"})
# Beyond this many, and that is many NAS, all others are one.
MOST_KINDS = 20000
OTHERS = ("other", "", "")

Kind = tuple[str, str, str]


class LoginTally:
    """The logins of one worker by NAS, method and reason, and their durations by method and reason."""

    def __init__(self) -> None:
        self.counts: Counter[Kind] = Counter()
        self.durations: dict[tuple[str, str], Histogram] = {}

    def take(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Count the logins among records of the journal."""
        for record in records:
            if record["kind"] in ENDINGS:
                self._count(record["entry"])

    def _count(self, entry: Mapping[str, Any]) -> None:
        detail = entry["detail"]
        method, reason = detail.get("method", ""), entry["reason"]
        kind = (detail.get("nas", ""), method, reason)
        self.counts[kind if kind in self.counts or len(self.counts) < MOST_KINDS else OTHERS] += 1
        took_ms = 0.0
        for step in detail.get("steps", ()):
            took_ms += step.get("ms", 0.0)
        histogram = self.durations.get((method, reason))
        if histogram is None:
            histogram = self.durations[method, reason] = Histogram()
        histogram.observe(took_ms / 1000)

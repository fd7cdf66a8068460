"""What the RADIUS workers of a machine have counted, and what waits in their journals: read, and added up."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Told = Mapping[str, Any]

# The states of a home server, the best first. A worker tells those that are not alive.
HOME_STATES = ("alive", "zombie", "dead")
# Who is refused while what a worker knows is older than a setting of [radius] allows.
TIERS = {
    "staleness_privileged_s": "administrators of devices",
    "staleness_s": "the VPN, and logins with a code",
    "staleness_basic_s": "wires and access points without a code",
}
# A worker tells every three seconds; this old it tells no more.
SILENT_S = 15.0


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
    """Everything the workers of this machine tell, by their names, and the backlog.

    home_servers: those of the configuration, as realm/server.
    """

    workers: Mapping[str, Told] = field(default_factory=dict)
    backlog: Backlog = Backlog()
    home_servers: tuple[str, ...] = ()

    @property
    def strangers(self) -> int:
        """How many packets came from addresses that are no NAS."""
        return sum(told.get("strangers", 0) for told in self.workers.values())

    def stranger_addresses(self) -> dict[str, int]:
        """The addresses of most of those packets, and how many came from each, the most first."""
        counts: Counter[str] = Counter()
        for told in self.workers.values():
            counts.update(told.get("stranger_addresses", {}))
        return dict(counts.most_common())

    def silent(self, now: float) -> tuple[str, ...]:
        """The workers that have told nothing for a while."""
        return tuple(name for name, told in self.workers.items() if now - told.get("at", 0.0) > SILENT_S)

    def homes(self) -> dict[str, str]:
        """The state of each home server: the worst that a worker sees, as each asks for itself."""
        seen = [told.get("homes", {}).get("states", {}) for told in self.workers.values()]
        states = {server: {each.get(server, "alive") for each in seen} for server in self.home_servers}
        return {
            server: max(found & set(HOME_STATES), key=HOME_STATES.index, default="alive")
            for server, found in states.items()
        }

    def relayed(self) -> dict[str, int]:
        """What became of all requests that were sent to home servers."""
        return self._summed("homes")

    def radsec(self) -> dict[str, int]:
        """What became of the connections of RadSec."""
        return self._summed("radsec")

    def troubles(self) -> dict[str, int]:
        """What went wrong outside of RADIUS."""
        return self._summed("troubles")

    def memory(self, now: float) -> tuple[float, list[str]] | None:
        """How old the oldest is of what the workers know, in seconds, and which tiers are refused for it.

        None where no worker has told it lately.
        """
        silent = self.silent(now)
        known = [
            told["memory"] for name, told in self.workers.items() if name not in silent and told.get("memory")
        ]
        oldest = max(known, key=lambda each: float(each["age_s"]), default=None)
        return (oldest["age_s"], oldest["refused"]) if oldest else None

    def load(self) -> dict[str, int]:
        """How much is under way."""
        return self._summed("load")

    def directories(self) -> dict[str, bool]:
        """Whether each directory is asked for passwords by every worker, or spared by some."""
        asked: dict[str, bool] = {}
        for told in self.workers.values():
            for key, is_asked in told.get("directories", {}).items():
                asked[key] = asked.get(key, True) and bool(is_asked)
        return asked

    def directory_servers(self) -> dict[str, list[str]]:
        """At which servers the workers checked passwords of each directory last."""
        found: dict[str, set[str]] = {}
        for told in self.workers.values():
            for key, server in told.get("directory_servers", {}).items():
                found.setdefault(key, set()).add(server)
        return {key: sorted(servers) for key, servers in found.items()}

    def passwords(self) -> dict[str, int]:
        """How many passwords the workers remember, and how often one has counted; empty where none may."""
        return self._summed("passwords")

    def endings(self) -> dict[str, int]:
        """How many logins ended for each reason, the most frequent first."""
        counts: Counter[str] = Counter()
        for told in self.workers.values():
            for _nas, _method, reason, count in told.get("logins", ()):
                counts[reason or "other"] += count
        return dict(counts.most_common())

    def _summed(self, group: str) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for told in self.workers.values():
            counts.update({key: each for key, each in told.get(group, {}).items() if type(each) is int})
        return dict(counts)

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

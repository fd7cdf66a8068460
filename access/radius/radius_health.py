"""What a RADIUS worker tells about itself: counters in a file, and a line in the log when it matters. ◆"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import structlog

from access.radius.radius_status import TIERS
from access.radius.radius_tally import LoginTally
from radius.counters import Counters, Histogram
from radius.nas import IPAddress
from radius.packet import Code
from radius.server import Server
from radius.surroundings import Troubles

LOG = structlog.get_logger()
DUMP_EVERY_S = 3.0
DUMPS_PER_LINE = 20
# What an operator should look at when it rises, and where.
TELLING = {
    "malformed": "packets that RFC 2865 forbids",
    "bad_authenticators": "another shared secret than ours",
    "missing_message_authenticators": "no Message-Authenticator: update the NAS, or see docs/nas.md",
    "overload_dropped": "more requests than can be answered",
    "unanswered": "the directory or the database took too long",
}
NOT_ANSWERED = "RADIUS packets were not answered"
TOO_OLD = "logins are refused: what is known is too old"
NO_NAS = "addresses that are no NAS: officegate nas add"
# So many of their addresses are told, those with the most packets first.
MOST_ADDRESSES = 8


def nothing() -> dict[str, Any]:
    """Return that there is nothing to tell."""
    return {}


@dataclass(frozen=True, slots=True)
class Counting:
    """What a worker counts, and where. directories says of each whether it is asked at the moment.

    servers: which server of it was asked last. passwords: what is remembered for while none answers.
    memory: how old is what the worker knows (age_s), and which tiers are refused for it (refused).
    """

    server: Server
    troubles: Troubles
    tally: LoginTally = field(default_factory=LoginTally)
    journal_s: Histogram = field(default_factory=Histogram)
    connections: Callable[[], dict[str, Any]] = nothing
    directories: Callable[[], dict[str, bool]] = nothing
    homes: Callable[[], dict[str, Any]] = nothing
    servers: Callable[[], dict[str, str]] = nothing
    passwords: Callable[[], dict[str, int]] = nothing
    memory: Callable[[], dict[str, Any]] = nothing


class Health:
    """Writes the counters of one worker to a file, again and again, until stop()."""

    def __init__(self, worker: Counting, path: Path, name_of: Callable[[str], str]) -> None:
        self._worker, self._path, self._name_of = worker, path, name_of
        self._began = time.time()
        self._told: Counter[tuple[str, str]] = Counter()
        self._silent: Mapping[str, str] = {}
        self._refused: frozenset[str] = frozenset()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="health", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Write once more, and end."""
        self._stopping.set()
        self._thread.join()

    def counters(self) -> dict[str, Any]:
        """Return every counter: by NAS, of strangers, of logins, and what went wrong outside of RADIUS.

        Times are seconds since the epoch.
        """
        worker, server = self._worker, self._worker.server
        by_nas = {self._name_of(key): _dated(each) for key, each in server.counters.copy().items()}
        return {
            "at": time.time(),
            "began": self._began,
            "nas": by_nas,
            "strangers": server.strangers.total,
            "stranger_addresses": _most(server.strangers.by_address.copy()),
            "troubles": asdict(worker.troubles),
            "radsec": worker.connections(),
            "load": asdict(server.load()),
            "logins": [[*kind, count] for kind, count in worker.tally.counts.copy().items()],
            "login_s": [[*of, asdict(each)] for of, each in worker.tally.durations.copy().items()],
            "reply_s": [[Code(code).name, asdict(each)] for code, each in server.latency.copy().items()],
            "journal_s": asdict(worker.journal_s),
            "directories": worker.directories(),
            "directory_servers": worker.servers(),
            "homes": worker.homes(),
            "passwords": worker.passwords(),
            "memory": worker.memory(),
        }

    def _run(self) -> None:
        dumps = 0
        stopping = False
        while not stopping:
            stopping = self._stopping.wait(DUMP_EVERY_S)
            dumps += 1
            counted = self.counters()
            self._dump(counted)
            self._tell_of_homes(counted["homes"].get("states", {}))
            self._tell_of_memory(counted["memory"])
            if dumps % DUMPS_PER_LINE == 0 or stopping:
                self._tell(counted)

    def _dump(self, counted: Mapping[str, Any]) -> None:
        draft = self._path.with_suffix(".new")
        try:
            draft.write_text(json.dumps(counted), "utf-8")
            draft.rename(self._path)
        except OSError as error:
            LOG.warning("counters not written", file=str(self._path), why=error.strerror)

    def _tell_of_homes(self, states: Mapping[str, str]) -> None:
        """Log which home servers have fallen silent, have been given up or are back."""
        for server in sorted(states.keys() | self._silent.keys()):
            state = states.get(server, "alive")
            if state != self._silent.get(server, "alive"):
                say = LOG.info if state == "alive" else LOG.warning
                say("a home server changed", server=server, state=state)
        self._silent = dict(states)

    def _tell_of_memory(self, memory: Mapping[str, Any]) -> None:
        """Log whom the worker begins to refuse because what it knows is too old."""
        refused = frozenset(memory.get("refused", ()))
        for setting in sorted(refused - self._refused):
            LOG.error(TOO_OLD, who=TIERS[setting], setting=f"radius.{setting}", age_s=round(memory["age_s"]))
        self._refused = refused

    def _tell(self, counted: Mapping[str, Any]) -> None:
        """Log what has risen since the last time and should be looked at; nothing where all is well."""
        for key, each in self._worker.server.counters.copy().items():
            # By its key: a NAS that is renamed or removed has not done everything anew.
            risen = self._risen(key, {name: getattr(each, name) for name in TELLING})
            if risen:
                words = {name: f"{more} ({TELLING[name]})" for name, more in risen.items()}
                LOG.warning(NOT_ANSWERED, nas=self._name_of(key), **words)
        risen = self._risen("", counted["troubles"] | {"strangers": counted["strangers"]})
        if risen:
            LOG.warning(
                NOT_ANSWERED, **{name: str(more) for name, more in risen.items()} | self._named(risen)
            )

    def _named(self, risen: Mapping[str, int]) -> dict[str, str]:
        """Return what to add about strangers: what to do, and the addresses that ask most."""
        if "strangers" not in risen:
            return {}
        addresses = _most(self._worker.server.strangers.by_address.copy())
        return {"strangers": f"{risen['strangers']} ({NO_NAS})", "addresses": " ".join(addresses)}

    def _risen(self, whose: str, counts: Mapping[str, int]) -> dict[str, int]:
        """Return by how much each count has risen since the last time, without those that have not."""
        risen = {name: count - self._told[whose, name] for name, count in counts.items()}
        self._told.update({(whose, name): more for name, more in risen.items()})
        return {name: more for name, more in risen.items() if more}


def _most(by_address: Mapping[IPAddress, int]) -> dict[str, int]:
    """Return the addresses with the most packets, and how many those are."""
    return {str(address): count for address, count in Counter(by_address).most_common(MOST_ADDRESSES)}


def _dated(counters: Counters) -> dict[str, Any]:
    """Return the counters of a NAS with dates for the times, which the server keeps by a monotonic clock."""
    shift_s = time.time() - time.monotonic()
    counted = asdict(counters)
    for name in ("bad_began", "bad_last"):
        counted[name] = None if counted[name] is None else counted[name] + shift_s
    return counted

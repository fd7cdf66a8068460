"""What a listener stands between: sockets and connections on one side, the application on the other ◆"""

import socket
from dataclasses import dataclass
from typing import Protocol

from radius.effects import Lane, Role, Source
from radius.nas import Nas
from radius.questions import Authorize, Granted, Outcome, Question, Refused


class Application(Protocol):
    """What the listener needs from the application; each is called from the listener's thread."""

    def ask(self, query: int, question: Question) -> Outcome | None:
        """Return the outcome, or None when it will come through Listener.answer()."""

    def catch_up(self) -> None:
        """Take in what is new, without waiting for anything; called again and again."""

    def before_decisions(self) -> None:
        """Be told that decisions will be asked for: bring up to date what they are made from."""

    def before_accepts(self) -> int:
        """Bring it up to date once more, before what was granted leaves; return the number of the state."""

    def decide_again(self, question: Authorize, granted: Granted) -> Granted | Refused | None:
        """Return granted where that stands, else what is instead of it; None where nobody is to be told."""

    def find_peer(self, key: str) -> Nas | None:
        """Return the NAS with this key as it is over TLS; None where it may not connect any more."""

    def record(self, records: list[object]) -> None:
        """Return when these are on disk. What they belong to is not sent if this raises."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A bound UDP socket and what it is for."""

    socket: socket.socket
    role: Role


class Connections(Protocol):
    """What has sockets of its own: NASes that connect, and home servers."""

    def send(self, to: Source, data: bytes) -> None:
        """Send a reply over the connection of its request."""

    def close(self, source: Source) -> None:
        """End the connection of a packet that broke the rules."""

    def admit(self, admits: bool) -> None:
        """Take new connections from now on, or none."""

    def relay(self, lane: Lane, data: bytes) -> None:
        """Send a request to a home server."""

    @property
    def worker(self) -> int:
        """Return whose connections they are; a Source of another worker's goes to that worker."""


@dataclass(slots=True)
class Troubles:
    """What went wrong outside of RADIUS, counted."""

    crashes: int = 0
    unsent: int = 0
    unforwarded: int = 0
    unrecorded: int = 0

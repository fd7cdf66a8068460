"""Home servers: who answers for a realm, and which of them are worth asking now.

A server is asked as long as it answers. One that left a request unanswered is a zombie: it is asked with a
Status-Server (RFC 5997) and gets requests only where nobody else is left; after a while it is dead and gets
none. A clock never kills a server that answers its Status-Servers, and a single one does not revive the dead.

    state    a request unanswered   an answer   a Status-Server answered      time
    ALIVE    ZOMBIE                 -           -                             -
    ZOMBIE   -                      ALIVE       ALIVE                         after zombie_s: DEAD
    DEAD     -                      -           ALIVE after `answers` in a    where it has no Status-Server:
                                                row                           ALIVE after revive_s
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum

from radius.nas import IPAddress


class Transport(Enum):
    """How a server is reached."""

    UDP = "udp"
    RADSEC = "radsec"


class Order(Enum):
    """Which server of several is asked: the first that is alive, or each in turn."""

    FAILOVER = "failover"
    BALANCE = "balance"


class State(Enum):
    """What a server is worth."""

    ALIVE = "alive"
    ZOMBIE = "zombie"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds for an answer, from zombie to dead, between Status-Servers, from dead to alive without them."""

    response_s: float = 3.0
    zombie_s: float = 20.0
    probe_s: float = 5.0
    revive_s: float = 60.0
    answers: int = 3


@dataclass(frozen=True, slots=True)
class HomeServer:
    """One server. key is unique among all; accounting_port 0: it gets no accounting.

    must_sign: a reply without a Message-Authenticator is dropped. has_status: it answers Status-Server.
    Over RadSec certificate tells which ones it may show: a fingerprint in hex or a DNS name.
    """

    key: str
    address: IPAddress
    port: int
    secret: bytes = field(repr=False)
    transport: Transport = Transport.UDP
    accounting_port: int = 0
    must_sign: bool = True
    has_status: bool = True
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Pool:
    """Who answers for a realm. gives: what their replies may carry beyond what every reply may."""

    servers: tuple[HomeServer, ...]
    order: Order = Order.FAILOVER
    timing: Timing = Timing()
    gives: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Destination:
    """Whose login it is. pool None: nobody knows the realm; user: one of ours who is still asked there."""

    realm: str
    pool: Pool | None
    user: str | None = None


@dataclass(slots=True)
class _Known:
    server: HomeServer
    timing: Timing
    state: State
    since: float
    probe_at: float
    answers: int = 0
    answered: bool = True


class Homes:
    """What is known of each server that is not simply alive."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def state(self, server: HomeServer) -> State:
        """Return what a server is worth now."""
        known = self._known.get(server.key)
        return State.ALIVE if known is None else known.state

    def choose(self, pool: Pool, tried: Collection[str], turn: int) -> HomeServer | None:
        """Return the server to ask next, none of those tried; None where nobody is left to ask."""
        left = [server for server in pool.servers if server.key not in tried]
        alive = [server for server in left if self.state(server) is State.ALIVE]
        usable = alive or [server for server in left if self.state(server) is State.ZOMBIE]
        if not usable:
            return None
        return usable[turn % len(usable)] if pool.order is Order.BALANCE else usable[0]

    def silent(self, server: HomeServer, timing: Timing, now: float) -> None:
        """Note that a request was not answered."""
        if server.key not in self._known:
            self._known[server.key] = _Known(server, timing, State.ZOMBIE, now, now)

    def heard(self, server: HomeServer) -> None:
        """Note that a request was answered."""
        known = self._known.get(server.key)
        if known is not None and known.state is State.ZOMBIE:
            del self._known[server.key]

    def status_heard(self, server: HomeServer) -> None:
        """Note that a Status-Server was answered."""
        known = self._known.get(server.key)
        if known is None or known.answered:
            return
        known.answered = True
        known.answers += 1
        if known.state is State.ZOMBIE or known.answers >= known.timing.answers:
            del self._known[server.key]

    def due(self, now: float) -> list[HomeServer]:
        """Let time pass, and return who is to be sent a Status-Server."""
        asked = []
        for known in list(self._known.values()):
            timing = known.timing
            if known.state is State.ZOMBIE and now >= known.since + timing.zombie_s:
                known.state, known.since, known.answers = State.DEAD, now, 0
            if not known.server.has_status:
                if known.state is State.DEAD and now >= known.since + timing.revive_s:
                    del self._known[known.server.key]
            elif now >= known.probe_at:
                known.answers = known.answers if known.answered else 0
                known.answered = False
                known.probe_at = now + timing.probe_s
                asked.append(known.server)
        return asked

    def next_timer(self) -> float | None:
        """Return when due() has something to do; None while every server is alive."""
        return min((_next(known) for known in self._known.values()), default=None)

    def told(self) -> dict[str, str]:
        """Return the state of each server that is not alive, by its key. For any thread."""
        # Copied at once: others fall silent and come back meanwhile.
        return {key: known.state.value for key, known in self._known.copy().items()}


def _next(known: _Known) -> float:
    timing = known.timing
    ends = known.since + (timing.zombie_s if known.state is State.ZOMBIE else timing.revive_s)
    if not known.server.has_status:
        return ends
    return min(known.probe_at, ends) if known.state is State.ZOMBIE else known.probe_at

"""A request on its way to a reply, and the moves a login can make with it."""

from dataclasses import dataclass, field

from radius.attributes import Attribute
from radius.conversations import Conversation
from radius.counters import Counters
from radius.duplicates import request_key
from radius.effects import Lane, Relay, Source
from radius.facts import Facts, facts
from radius.frozen import value
from radius.home import Destination, HomeServer
from radius.login import Login
from radius.nas import Nas
from radius.packet import Packet
from radius.questions import Granted, Question, Refused
from radius.secret import SharedSecret


@dataclass(slots=True, eq=False)
class Request:
    """One verified request. conversation is the one it goes on with or began.

    exchange is there when the login is somebody else's.
    """

    source: Source
    packet: Packet
    nas: Nas
    secret: SharedSecret
    received: float
    counters: Counters
    conversation: Conversation | None = None
    exchange: "Exchange | None" = None
    key: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.key = request_key(self.source, self.packet.identifier, self.packet.code)

    def facts(self) -> Facts:
        """Return what the request says, and what is known of how it came."""
        secrets = self.nas.secrets
        # Over RadSec it is none of them.
        number = secrets.index(self.secret.octets) if self.secret.octets in secrets else 0
        return facts(self.packet.values, self.source.address, number)


@dataclass(slots=True, eq=False)
class Kept:
    """A conversation between a NAS and a home server that waits for the NAS; state is the home server's."""

    nas: str
    destination: Destination
    server: HomeServer
    login: Login
    began: float
    state: bytes | None = field(repr=False)
    expires: float = 0.0


@dataclass(slots=True, eq=False)
class Exchange:
    """A request that is with a home server; without a login it is accounting. reply is what came back."""

    request: Request
    destination: Destination
    server: HomeServer
    began: float
    login: Login | None = None
    kept: Kept | None = None
    lane: Lane | None = None
    wire: bytes = field(default=b"", repr=False)
    sent_at: float = 0.0
    repeated: bool = False
    tried: set[str] = field(default_factory=set)
    reply: Packet | None = None
    brought: tuple[Attribute, ...] = field(default=(), repr=False)


@value
class Asks:
    """Ask the application about this login, then come back with the outcome."""

    login: Login
    question: Question


@value
class Accepts:
    """Send an Access-Accept."""

    login: Login
    attributes: tuple[Attribute, ...]
    granted: Granted


@value
class Rejects:
    """Send an Access-Reject, when it is time."""

    attributes: tuple[Attribute, ...]
    record: object


@value
class Challenges:
    """Send an Access-Challenge; superseded is the conversation that had to go for this one.

    refusal is there where the method tells of it: that leaves no sooner than a Reject, and is recorded by
    then, since not every peer comes back for the Reject.
    """

    attributes: tuple[Attribute, ...]
    superseded: Conversation | None
    refusal: Refused | None = None


@value
class Drops:
    """Act as if the request had not come."""


@value
class Passes:
    """Send it on to a home server, and wait."""

    relay: Relay


Move = Passes | Asks | Accepts | Rejects | Challenges | Drops

"""A NAS that listens for Disconnect and CoA requests (RFC 5176): pyrad reads them, so not our own codec."""

import select
import socket
import threading
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Any, Self

from pyrad.dictionary import Dictionary
from pyrad.packet import CoAACK, CoAPacket, CoARequest, DisconnectACK, DisconnectRequest, PacketError

from tests.peers.ports import LOOPBACK, free_port
from tests.peers.radclient import DICTIONARIES
from tests.peers.waiting import wait_until

DATAGRAM_OCTETS = 4096
# RFC 5176 section 3.5.
SESSION_CONTEXT_NOT_FOUND = 503
REQUEST_INITIATED = 507


class Behaviour(Enum):
    """What the NAS does with a request that verifies."""

    ACK = "ack"
    NAK = "nak"
    SILENCE = "silence"
    INITIATE = "initiate"


@dataclass(frozen=True)
class Request:
    """One datagram. valid: its authenticator, and its Message-Authenticator if it has one, verify."""

    code: int
    valid: bool
    attributes: dict[str, list[Any]]

    @property
    def is_disconnect(self) -> bool:
        return bool(self.code == DisconnectRequest)

    @property
    def is_coa(self) -> bool:
        return bool(self.code == CoARequest)

    def get(self, name: str) -> Any:
        """The first value of that name in the dictionary: str, int, bytes or an address written as str."""
        return self.attributes.get(name, [None])[0]


@dataclass
class Nas:
    """Listens on a port of a loopback address, answers as it was told, remembers every request in `requests`.

    A request that does not verify gets silence whatever the behaviour, as RFC 5176 section 2.3 demands.
    """

    secret: str = field(default="secret-of-the-nas", repr=False)
    address: str = LOOPBACK
    behaviour: Behaviour = Behaviour.ACK
    requests: list[Request] = field(default_factory=list)
    sources: set[tuple[str, int]] = field(default_factory=set)

    def __enter__(self) -> Self:
        self.port = free_port()
        self._dictionary = load_dictionary()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((self.address, self.port))
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="nas", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.close()
        self._thread.join()
        self._stopped.close()
        self._socket.close()

    def wait_for(self, count: int = 1, deadline_s: float = 30.0) -> list[Request]:
        """All requests, as soon as there are `count`. Raises NotInTime."""
        wait_until(lambda: len(self.requests) >= count, f"{count} requests to the NAS", deadline_s)
        return list(self.requests)

    def _serve(self) -> None:
        while self._stopped not in select.select([self._socket, self._stopped], [], [])[0]:
            data, source = self._socket.recvfrom(DATAGRAM_OCTETS)
            self.sources.add(source)
            answer = self._answer(data)
            if answer:
                self._socket.sendto(answer, source)

    def _answer(self, data: bytes) -> bytes | None:
        try:
            packet = CoAPacket(secret=self.secret.encode(), dict=self._dictionary, packet=data)
        except PacketError:
            self.requests.append(Request(data[0] if data else 0, valid=False, attributes={}))
            return None
        valid = verifies(packet)
        names = packet.keys()
        self.requests.append(Request(packet.code, valid, {str(name): packet[name] for name in names}))
        if not valid or self.behaviour is Behaviour.SILENCE:
            return None
        return self._reply(packet)

    def _reply(self, packet: CoAPacket) -> bytes:
        reply = packet.CreateReply()
        accepted = DisconnectACK if packet.code == DisconnectRequest else CoAACK
        if self.behaviour is Behaviour.ACK:
            reply.code = accepted
        else:
            # Each NAK follows its ACK in RFC 5176 section 2.
            reply.code = accepted + 1
            initiates = self.behaviour is Behaviour.INITIATE
            reply["Error-Cause"] = REQUEST_INITIATED if initiates else SESSION_CONTEXT_NOT_FOUND
        return bytes(reply.ReplyPacket())


def verifies(packet: CoAPacket) -> bool:
    if packet.code not in (DisconnectRequest, CoARequest) or not packet.VerifyCoARequest():
        return False
    return not packet.message_authenticator or bool(packet.verify_message_authenticator())


def load_dictionary() -> Dictionary:
    """The standard attributes, from FreeRADIUS's dictionaries."""
    names = (
        "rfc2865",
        "rfc2866",
        "rfc2867",
        "rfc2868",
        "rfc2869",
        "rfc3162",
        "rfc3576",
        "rfc4372",
        "rfc5176",
    )
    return Dictionary(*(str(DICTIONARIES / f"dictionary.{name}") for name in names))

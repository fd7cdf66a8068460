"""One connection of RADIUS over TLS: a socket that never blocks on one side, packets on the other ◆

OpenSSL works on memory between them, so a peer that sends half a record, or reads nothing, holds up nobody.
What waits to be sent is bounded: its owner stops reading from who does not read, and gives it up in the end.
"""

import socket

from OpenSSL import SSL

from radius.errors import RadiusError
from radius.framing import BadFrame, Frames

_READ_OCTETS = 16384
# From here on nothing more is read from the peer, whose requests make the replies that wait.
FULL_OCTETS = 65536
# What may still come of requests that were read before: more than all that wait for a turn of the server.
MOST_OCTETS = 64 * FULL_OCTETS


class LinkEnded(RadiusError):
    """The connection is over; the text says why."""


class TlsLink:
    """A connection. heard_at: when the last whole packet came; moved_at: when something was last sent."""

    def __init__(self, sock: socket.socket, tls: SSL.Connection, now: float) -> None:
        self.socket = sock
        self.established = False
        self.began_at = self.heard_at = self.moved_at = now
        self._tls = tls
        self._out = bytearray()
        self._frames = Frames()

    @property
    def waiting(self) -> bool:
        """Return whether something waits to be sent."""
        return bool(self._out)

    @property
    def is_full(self) -> bool:
        """Return whether the peer reads so little that no more should be read from it."""
        return len(self._out) >= FULL_OCTETS

    @property
    def version(self) -> str:
        """Return the version of TLS that was agreed on."""
        return self._tls.get_protocol_version_name()

    def begin(self, now: float) -> None:
        """Say the first word of a client. Raises LinkEnded."""
        self._advance()
        self.flush(now)

    def read(self, now: float) -> list[bytes]:
        """Return the packets that are whole now. Raises LinkEnded."""
        try:
            octets = self.socket.recv(_READ_OCTETS)
        except BlockingIOError:
            return []
        except OSError as error:
            raise LinkEnded(f"{error.strerror}") from error
        if not octets:
            raise LinkEnded("the peer closed it")
        self._tls.bio_write(octets)
        packets = self._advance()
        if packets:
            self.heard_at = now
        self.flush(now)
        return packets

    def write(self, packet: bytes, now: float) -> None:
        """Send a packet, now or when there is room. Raises LinkEnded."""
        try:
            self._tls.send(packet)
        except SSL.Error as error:
            raise LinkEnded(_told(error)) from error
        self._drain()
        self.flush(now)
        if len(self._out) > MOST_OCTETS:
            raise LinkEnded("the peer does not read")

    def flush(self, now: float) -> None:
        """Send what waits, as far as there is room. Raises LinkEnded."""
        try:
            while self._out:
                sent = self.socket.send(self._out)
                del self._out[:sent]
                self.moved_at = now
        except BlockingIOError:
            return
        except OSError as error:
            raise LinkEnded(f"{error.strerror}") from error

    def stalled_s(self, now: float) -> float:
        """Return how long something has been waiting without any of it going."""
        return now - self.moved_at if self._out else 0.0

    def close(self) -> None:
        """End it, and tell the peer if that takes no waiting."""
        try:
            if self.established:
                self._tls.shutdown()
                self._drain()
            self.socket.send(self._out)
        except (SSL.Error, OSError):
            # It is over either way.
            self._out.clear()
        self.socket.close()

    def _advance(self) -> list[bytes]:
        """Return the packets in what has come. Raises LinkEnded, with our alert on its way."""
        packets: list[bytes] = []
        try:
            if not self.established:
                self._tls.do_handshake()
                self.established = True
            while True:
                packets += self._frames.feed(self._tls.recv(_READ_OCTETS))
        except SSL.WantReadError:
            self._drain()
        except SSL.ZeroReturnError as error:
            raise LinkEnded("the peer closed it") from error
        except SSL.Error as error:
            self._drain()
            raise LinkEnded(_told(error)) from error
        except BadFrame as error:
            raise LinkEnded(str(error)) from error
        return packets

    def _drain(self) -> None:
        try:
            while True:
                self._out += self._tls.bio_read(_READ_OCTETS)
        except SSL.WantReadError:
            return


def _told(error: SSL.Error) -> str:
    """Return what OpenSSL says is wrong."""
    reasons = [str(each[2]) for each in error.args[0]] if error.args and error.args[0] else []
    return f"TLS: {', '.join(reasons) or type(error).__name__}"

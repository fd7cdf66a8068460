"""How TLS records travel in EAP: flags, length and fragments (RFC 5216 section 2.1.5, RFC 5281 section 9).

Type-data is one octet of flags (L: a length of four octets follows, M: more fragments follow, S: start, and
three bits of version), then a piece of the message. Whoever gets a fragment with M answers with bare flags,
and the next one follows:

    we are      the peer sends       we
    idle        a whole message      hand it on
    idle        a fragment, M set    keep it, answer with bare flags; now receiving
    receiving   a fragment, M set    add it, answer with bare flags
    receiving   the last fragment    hand the whole on; now idle
    sending     bare flags           send the next fragment; idle after the last
    sending     anything else        refuse

The length goes into our first fragment only: PEAPv0 wants it nowhere else.
"""

from radius.errors import RadiusError
from radius.frozen import value
from radius.questions import Failure

_LENGTH = 0x80
_MORE = 0x40
_START = 0x20
_VERSION = 0x07
# Code, identifier, length, type; then flags and their length.
_FLAGS_AND_LENGTH_OCTETS = 1 + 4
_OVERHEAD_OCTETS = 5 + _FLAGS_AND_LENGTH_OCTETS
MAX_MESSAGE_OCTETS = 65536
MIN_FRAGMENT_OCTETS = 64


class BadFragment(RadiusError):
    """The peer broke the rules of fragments; reason tells in which way."""

    def __init__(self, reason: Failure, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@value
class Whole:
    """The peer's message is complete; empty where it only acknowledged ours."""

    message: bytes


@value
class Answer:
    """Send this type-data before anything else can happen."""

    data: bytes


class Fragments:
    """Both directions of one conversation. packet_octets is the size of the largest EAP packet we send."""

    __slots__ = ("_announced", "_outgoing", "_piece_octets", "_received", "_sent")

    def __init__(self, packet_octets: int) -> None:
        self._piece_octets = max(packet_octets, MIN_FRAGMENT_OCTETS) - _OVERHEAD_OCTETS
        self._outgoing = b""
        self._sent = 0
        self._received = bytearray()
        self._announced: int | None = None

    def start(self) -> bytes:
        """Return the Start; without a length, which some peers refuse there."""
        return bytes((_START,))

    def send(self, message: bytes) -> bytes:
        """Return the first fragment of message."""
        self._outgoing, self._sent = message, 0
        return self._next_fragment()

    def receive(self, data: bytes) -> Whole | Answer:
        """Return what the peer's type-data amounts to. Raises BadFragment."""
        flags, piece = self._parse(data)
        if self._outgoing:
            if piece or flags & _MORE:
                raise BadFragment(Failure.BAD_EAP, "a message where an acknowledgement was due")
            return Answer(self._next_fragment())
        if not (self._received or flags & _MORE) and self._announced in (None, len(piece)):
            self._announced = None
            return Whole(piece)
        self._received += piece
        if len(self._received) > (self._announced or MAX_MESSAGE_OCTETS):
            raise BadFragment(Failure.TOO_LONG, f"fragments of {len(self._received)} octets")
        if flags & _MORE:
            if not piece:
                raise BadFragment(Failure.BAD_EAP, "an empty fragment that announces more")
            return Answer(b"\0")
        return Whole(self._whole())

    def _parse(self, data: bytes) -> tuple[int, bytes]:
        flags = data[0] if data else _LENGTH
        if flags & (_START | _VERSION):
            raise BadFragment(Failure.BAD_EAP, f"flags {flags:#04x} from a peer")
        if not flags & _LENGTH:
            return flags, data[1:]
        if len(data) < _FLAGS_AND_LENGTH_OCTETS:
            raise BadFragment(Failure.BAD_EAP, f"flags and length in {len(data)} octets")
        self._announce(int.from_bytes(data[1:_FLAGS_AND_LENGTH_OCTETS]))
        return flags, data[_FLAGS_AND_LENGTH_OCTETS:]

    def _announce(self, length: int) -> None:
        if length > MAX_MESSAGE_OCTETS:
            raise BadFragment(Failure.TOO_LONG, f"a message of {length} octets announced")
        if self._announced not in (None, length):
            raise BadFragment(Failure.BAD_EAP, "a length that changed between fragments")
        self._announced = length

    def _whole(self) -> bytes:
        message, announced = bytes(self._received), self._announced
        self._received, self._announced = bytearray(), None
        if announced not in (None, len(message)):
            raise BadFragment(Failure.BAD_EAP, f"{len(message)} octets where {announced} were announced")
        return message

    def _next_fragment(self) -> bytes:
        at, total = self._sent, len(self._outgoing)
        piece = self._outgoing[at : at + self._piece_octets]
        self._sent = at + len(piece)
        if self._sent == total:
            self._outgoing = b""
            return b"\0" + piece
        if at:
            return bytes((_MORE,)) + piece
        return bytes((_LENGTH | _MORE,)) + total.to_bytes(4, "big") + piece

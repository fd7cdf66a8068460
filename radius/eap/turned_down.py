"""Which method endpoints have got in by after they had turned down the one we prefer.

We offer the preferred method first, and most endpoints are set to another one: they say so by a Nak, which
costs a round trip at each login. Who has said so and then got in by what they named is offered that at once
for a day, and after that asked with the preferred one again.

It is no way to a weaker method. What is offered at once is looked for among those that are allowed at that
moment at that NAS, an endpoint that would take the preferred one is not remembered, and nothing is remembered
before a login was granted.
"""

from collections import OrderedDict

from radius.eap.packet import EapType
from radius.frozen import value

REMEMBERED_S = 86400.0
MOST = 16384


@value
class Peer:
    """Who talks, as far as that can be told before anything is proven: where from, and under which name."""

    station: str
    identity: str


class TurnedDown:
    """The memory of one worker."""

    __slots__ = ("_chosen", "_most")

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._chosen: OrderedDict[Peer, tuple[EapType, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._chosen)

    def remember(self, peer: Peer, chosen: EapType | None, now: float) -> None:
        """Know what a peer named in a Nak and got in by; the oldest goes where there is no room.

        None where its Nak left room for the method that we prefer: then it is asked again.
        """
        if chosen is None:
            self._chosen.pop(peer, None)
            return
        self._chosen[peer] = chosen, now
        self._chosen.move_to_end(peer)
        if len(self._chosen) > self._most:
            self._chosen.popitem(last=False)

    def chosen(self, peer: Peer, now: float) -> EapType | None:
        """Return what this peer would name again, None where that is not known."""
        kind, at = self._chosen.get(peer, (None, now))
        return kind if now - at < REMEMBERED_S else None

"""Sends Disconnect- and CoA-Requests to NAS clients. ◆"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from access.nas.disconnect import Asking, Said
from access.nas.registry import NasClient
from radius.attributes import Attribute
from radius.client import Address, Result, Switchboard
from radius.dynauth import Action, build
from radius.secret import shared_secret

DEADLINE_S = 6.0
# For so long a NAS that said nothing is not asked about its other sessions: they would all wait in vain.
SPARED_S = 30.0


OverConnection = Callable[[NasClient, Action, tuple[Attribute, ...]], Said | None]


@dataclass(frozen=True, slots=True)
class NasCaller:
    """Asks a NAS over the connection it has with us, or else by UDP, with the secret it used last first.

    clock: seconds since the epoch.
    """

    clock: Callable[[], float]
    deadline_s: float = DEADLINE_S
    spared_s: float = SPARED_S
    over_connection: OverConnection | None = None
    has_connection: Callable[[NasClient], bool] | None = None
    board: Switchboard = field(default_factory=Switchboard)
    _silent: dict[Address, float] = field(default_factory=dict)

    def is_reached(self, nas: NasClient) -> bool:
        """Return whether the NAS has a connection with this machine."""
        return self.has_connection is not None and self.has_connection(nas)

    def ask(self, nas: NasClient, asking: Asking) -> Said:
        """Return what the NAS says to a request."""
        if self.over_connection is not None:
            said = self.over_connection(nas, asking.action, asking.attributes)
            if said is not None:
                return said
        to = (str(asking.address), nas.coa_port)
        if not asking.insists and time.monotonic() < self._silent.get(to, 0.0):
            words = f"it has just been silent at port {nas.coa_port}, and was not asked again"
            return Said(None, words=words, spared=True)
        secrets = _in_turn(nas.secrets, asking.secret)
        sent = 0
        for secret in secrets:
            shared = shared_secret(secret.encode())
            reply = self.board.ask(
                to,
                lambda number, shared=shared: build(  # type: ignore[misc]
                    asking.action, number, asking.attributes, shared, self.clock()
                ),
                shared,
                self.deadline_s / len(secrets),
            )
            sent += reply.sent
            if reply.result is not Result.SILENT:
                self._silent.pop(to, None)
                return Said(reply.result is Result.ACKED, reply.cause, reply.words)
        self._silent[to] = time.monotonic() + self.spared_s
        return Said(None, words=f"{reply.words}, asked {sent} times at port {nas.coa_port}")

    def close(self) -> None:
        """Ask no more."""
        self.board.close()


def _in_turn(secrets: tuple[str, ...], last_used: int) -> tuple[str, ...]:
    """Return the secrets, the one that was used last first; a secret may have been taken away since."""
    first = secrets[last_used : last_used + 1]
    return (*first, *(secret for secret in secrets if secret not in first))

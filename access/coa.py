"""Sends Disconnect-Requests to NAS clients. ◆"""

from collections.abc import Callable
from dataclasses import dataclass

from access.disconnect import Said
from access.registry import IPAddress, NasClient
from radius import client
from radius.attributes import Attribute
from radius.client import Result
from radius.dynauth import Action, build
from radius.secret import shared_secret

DEADLINE_S = 6.0


@dataclass(frozen=True, slots=True)
class NasCaller:
    """Asks a NAS with the secret that it was last seen to use. clock: seconds since the epoch."""

    clock: Callable[[], float]
    random: Callable[[int], bytes]
    deadline_s: float = DEADLINE_S

    def disconnect(self, nas: NasClient, address: IPAddress, session: tuple[Attribute, ...]) -> Said:
        """Return what the NAS says about ending the session that the attributes name."""
        secret = shared_secret(nas.calling_secret.encode())
        request = build(Action.DISCONNECT, self.random(1)[0], session, secret, self.clock())
        reply = client.send(request, (str(address), nas.coa_port), secret, self.deadline_s)
        if reply.result is Result.SILENT:
            return Said(None, words=f"{reply.words}, asked {reply.sent} times at port {nas.coa_port}")
        return Said(reply.result is Result.ACKED, reply.cause, reply.words)

"""One connection that is used for binds only. ldap3 opens and protects it, the bind itself is ours. ◆"""

import select
import socket
import ssl
from collections.abc import Callable

import ldap3

from access.directory.connection import close
from access.directory.errors import BadMessage
from access.directory.simple_bind import LAST_MESSAGE_ID, decode_answer, encode_bind
from access.directory.syncrepl_codec import read_message
from access.directory.verdict import PasswordOutcome, verdict

READ_BYTES = 4096
LARGEST_ANSWER_BYTES = 65536
# Beyond those that ldap3 has used to open the connection.
FIRST_MESSAGE_ID = 1000


class Broken(Exception):
    """The connection can be used no more: what became of the bind is not known."""


class Binding:
    """An open connection to the server of url.

    One bind at a time (RFC 4511 section 4.2.1).
    """

    def __init__(self, connection: ldap3.Connection, url: str) -> None:
        self._connection = connection
        self.url = url
        # When it was used last; for whoever keeps it.
        self.idle_since = 0.0
        self._socket: socket.socket = connection.socket
        self._socket.setblocking(False)
        self._received = bytearray()
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._message_id = FIRST_MESSAGE_ID

    @property
    def is_protected(self) -> bool:
        """Whether there is TLS on it."""
        return isinstance(self._socket, ssl.SSLSocket)

    def bind(
        self, dn: str, password: bytes, clock: Callable[[], float], patience_s: float
    ) -> PasswordOutcome | None:
        """Return what the server says, None where it says nothing for so long. Raises Broken."""
        until = clock() + patience_s
        self._send(dn, password)
        while (left_s := until - clock()) > 0 and self._poll.poll(left_s * 1000):
            found = self._outcome()
            if found is not None:
                return found
        return None

    def close(self) -> None:
        """Close it, whatever state it is in."""
        close(self._connection)

    def _send(self, dn: str, password: bytes) -> None:
        """Send a bind."""
        self._message_id = self._message_id % LAST_MESSAGE_ID + 1
        try:
            request = encode_bind(self._message_id, dn, password)
            # A server that has not even taken the last bind from the wire is none to wait for.
            if self._socket.send(request) != len(request):
                raise Broken("half of a bind was sent")
        except (OSError, UnicodeError) as error:
            raise Broken(str(error)) from error

    def _outcome(self) -> PasswordOutcome | None:
        """Return what the server says, None while it has not said all of it."""
        try:
            while (message := read_message(self._received)) is None:
                if not self._receive():
                    return None
            answer = decode_answer(message)
            if answer.message_id != self._message_id or self._received:
                raise Broken("an answer to no question of ours")
            return verdict(answer.code, answer.diagnostic, answer.policy)
        except (BadMessage, OSError) as error:
            raise Broken(str(error)) from error

    def _receive(self) -> bool:
        """Read what has come; return whether anything had."""
        try:
            octets = self._socket.recv(READ_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        if not octets:
            raise Broken("the server has closed the connection")
        self._received += octets
        if len(self._received) > LARGEST_ANSWER_BYTES:
            raise Broken("an answer without an end")
        return True

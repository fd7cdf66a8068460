"""A connection to a syslog server over TLS (RFC 5425). ◆"""

import fcntl
import socket
import ssl
import struct
import termios
import time
from dataclasses import dataclass
from pathlib import Path

from access.errors import Unavailable

CONNECT_S = 5.0
SEND_S = 10.0
_LOOK_S = 0.02


class SyslogUnavailable(Unavailable):
    """The syslog server does not take records; they wait in the database."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens, what its certificate is checked against, and ours; no ca_file: the system's."""

    host: str
    port: int
    ca_file: Path | None = None
    certificate: Path | None = None
    private_key: Path | None = None


@dataclass
class Connection:
    """One connection, made when something is sent and made anew after a failure."""

    server: Server
    _socket: ssl.SSLSocket | None = None

    def send(self, octets: bytes) -> None:
        """Return once the server's TCP has acknowledged them. Raises SyslogUnavailable."""
        try:
            connection = self._socket = self._socket or self._connect()
            _refuse_ended(connection)
            connection.sendall(octets)
            _wait_until_taken(connection)
        except (OSError, ValueError) as error:
            self.close()
            raise SyslogUnavailable(
                f"The syslog server {self.server.host}:{self.server.port} does not take the audit: {error}."
                " Records wait in the database until it does. See audit.syslog.*"
            ) from error

    def close(self) -> None:
        """Let go of the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connect(self) -> ssl.SSLSocket:
        server = self.server
        context = ssl.create_default_context(cafile=server.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if server.certificate is not None:
            context.load_cert_chain(server.certificate, server.private_key)
        plain = socket.create_connection((server.host, server.port), CONNECT_S)
        plain.settimeout(SEND_S)
        try:
            return context.wrap_socket(plain, server_hostname=server.host)
        except BaseException:
            plain.close()
            raise


def _wait_until_taken(connection: ssl.SSLSocket) -> None:
    """Until nothing is left that the server's TCP has not acknowledged."""
    deadline = time.monotonic() + SEND_S
    while _unacknowledged(connection):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing was acknowledged within {SEND_S:.0f} s")
        time.sleep(_LOOK_S)


def _refuse_ended(connection: ssl.SSLSocket) -> None:
    """A server that has gone away takes what is written to it once more, and it is lost."""
    connection.settimeout(0.0)
    try:
        if connection.recv(1) == b"":
            raise ConnectionResetError("it has closed the connection")
    except (ssl.SSLWantReadError, BlockingIOError):
        return
    finally:
        connection.settimeout(SEND_S)


def _unacknowledged(connection: ssl.SSLSocket) -> int:
    answer = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
    return int(struct.unpack("i", answer)[0])

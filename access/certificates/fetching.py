"""Asking others over HTTP: with a deadline for the whole, a limit on the size, and no way to elsewhere. ◆"""

import http.client
import socket
import ssl
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from access.certificates.errors import BadAnswer

_CHUNK_OCTETS = 65536
_OK = 200


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the whole may take, and how much may come."""

    deadline_s: float
    most_octets: int


def fetch(url: str, patience: Patience, body: bytes | None = None, kind: str = "") -> bytes:
    """Return what is at an address, or what is answered to a body of a kind. Raises BadAnswer.

    Redirections are not followed: the operator has named the place.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadAnswer(f"{url} is no address of HTTP")
    connection = _connection(parts.scheme, parts.hostname, parts.port, patience.deadline_s)
    # A server that sends an octet now and then would never run into a timeout of the socket.
    late = threading.Event()
    watch = threading.Timer(patience.deadline_s, _cut, (connection, late))
    watch.daemon = True
    watch.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": kind} if body is not None else {}
        connection.request("GET" if body is None else "POST", path, body, headers)
        octets = _read(connection.getresponse(), url, patience.most_octets)
    except (OSError, http.client.HTTPException) as error:
        raise BadAnswer(f"{url} does not answer: {error or type(error).__name__}") from error
    finally:
        watch.cancel()
        connection.close()
    if late.is_set():
        raise BadAnswer(f"{url} does not answer within {patience.deadline_s:g} s")
    return octets


def _connection(scheme: str, host: str, port: int | None, timeout_s: float) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=timeout_s, context=context)
    return http.client.HTTPConnection(host, port, timeout=timeout_s)


def _read(response: http.client.HTTPResponse, url: str, most_octets: int) -> bytes:
    if response.status != _OK:
        raise BadAnswer(f"{url} answers {response.status} {response.reason}")
    octets = b""
    while chunk := response.read(_CHUNK_OCTETS):
        octets += chunk
        if len(octets) > most_octets:
            raise BadAnswer(f"{url} sends more than {most_octets} octets")
    if response.length:
        raise BadAnswer(f"{url} broke off")
    return octets


def _cut(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """End whatever waits for the connection; where there is none yet, its own timeout does."""
    late.set()
    sock = connection.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

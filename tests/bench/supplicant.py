"""A supplicant in memory, as many of them as a benchmark wants: EAP-TLS, EAP-TTLS/PAP and PEAP/MSCHAPv2.

It shares no code with Officegate's server but the arithmetic of MSCHAPv2, checks the server's certificate
and what the server proves inside, and keeps a TLS session for the next login where it is told to.
"""

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import Path

from OpenSSL import SSL

from radius import mschap
from radius.questions import MschapExchange

REQUEST, RESPONSE, SUCCESS, FAILURE = 1, 2, 3, 4
IDENTITY, NAK, MSCHAPV2, TLV = 1, 3, 26, 33
LENGTH, MORE = 0x80, 0x40
USER_NAME, USER_PASSWORD = 1, 2
MANDATORY = 0x40
RESULT, MANDATORY_TLV = 3, 0x8000
# Of EAP-MSCHAPv2.
CHALLENGE, ANSWER, SUCCESSFUL = 1, 2, 3
FRAGMENT_OCTETS = 1200
READ_OCTETS = 65536


class Method(IntEnum):
    """By the number of the EAP type."""

    TLS = 13
    TTLS_PAP = 21
    PEAP_MSCHAPV2 = 25


class Confused(RuntimeError):
    """The server sent what this supplicant does not expect, or could not prove itself."""


@dataclass(frozen=True)
class Endpoint:
    """What a person's laptop is set to. certificate and key are for EAP-TLS."""

    method: Method
    name: str
    password: str = field(default="", repr=False)
    certificate: Path | None = None
    key: Path | None = None
    station: str = "02-00-00-00-00-01"


def context(authority: Path, version: int, endpoint: Endpoint | None = None) -> SSL.Context:
    """The TLS settings of laptops that trust one authority and speak one version."""
    made = SSL.Context(SSL.TLS_METHOD)
    made.set_min_proto_version(version)
    made.set_max_proto_version(version)
    # What laptops offer today; with the hybrid groups of the newest OpenSSL each flight is 1 kB larger.
    SSL._lib.SSL_CTX_set1_curves_list(made._context, b"X25519:P-256")  # type: ignore[attr-defined]
    made.load_verify_locations(str(authority))
    made.set_verify(SSL.VERIFY_PEER)
    if endpoint is not None and endpoint.certificate is not None:
        made.use_certificate_chain_file(str(endpoint.certificate))
        made.use_privatekey_file(str(endpoint.key))
    return made


class Supplicant:
    """One login of one endpoint. session is that of an earlier login, to be resumed."""

    def __init__(self, endpoint: Endpoint, tls: SSL.Context, session: SSL.Session | None = None) -> None:
        self._endpoint = endpoint
        self._connection = SSL.Connection(tls, None)
        self._connection.set_connect_state()
        if session is not None:
            self._connection.set_session(session)
        self._finished = False
        self._started = False
        self._incoming = self._outgoing = b""
        self._inner = INNER[endpoint.method](endpoint)

    def identity(self) -> bytes:
        """The first Response."""
        name = self._endpoint.name.encode()
        return bytes((RESPONSE, 0)) + struct.pack("!H", 5 + len(name)) + bytes((IDENTITY,)) + name

    def respond(self, request: bytes) -> bytes:
        """The Response to a Request. Raises Confused."""
        if request[0] != REQUEST:
            raise Confused(f"EAP code {request[0]} in a challenge")
        kind = self._endpoint.method
        answer = self._answer(request[5:]) if request[4] == kind else bytes((kind,))
        kind_octet = kind if request[4] == kind else NAK
        head = bytes((RESPONSE, request[1])) + struct.pack("!H", 5 + len(answer))
        return head + bytes((kind_octet,)) + answer

    def succeeded(self) -> None:
        """Keep the session: a connection that goes without having said goodbye takes it along."""
        self._connection.set_shutdown(SSL.SENT_SHUTDOWN | SSL.RECEIVED_SHUTDOWN)

    def session(self) -> SSL.Session:
        """What the next login can resume."""
        session = self._connection.get_session()
        if session is None:
            raise Confused("the server gave no session to resume")
        return session

    @property
    def resumed(self) -> bool:
        """Whether the server took up the earlier session: nobody has to prove anything inside then."""
        # pyOpenSSL has no name of its own for it.
        return bool(SSL._lib.SSL_session_reused(self._connection._ssl))  # type: ignore[attr-defined]

    def _answer(self, data: bytes) -> bytes:
        flags, piece = data[0], data[5:] if data[0] & LENGTH else data[1:]
        self._incoming += piece
        if flags & MORE:
            return b"\0"
        if not self._outgoing:
            self._outgoing = self._advance()
        piece, self._outgoing = self._outgoing[:FRAGMENT_OCTETS], self._outgoing[FRAGMENT_OCTETS:]
        return bytes((MORE if self._outgoing else 0,)) + piece

    def _advance(self) -> bytes:
        records, self._incoming = self._incoming, b""
        if records:
            self._connection.bio_write(records)
        plain = b""
        try:
            if not self._finished:
                self._connection.do_handshake()
                self._finished = True
            plain = self._connection.recv(READ_OCTETS)
        except SSL.WantReadError:
            plain = b""
        except SSL.Error as error:
            raise Confused(f"TLS: {error}") from error
        if self._finished:
            said = self._inner(plain, not (self._started or self.resumed))
            self._started = True
            if said:
                self._connection.send(said)
        return self._drain()

    def _drain(self) -> bytes:
        octets = b""
        while True:
            try:
                octets += self._connection.bio_read(READ_OCTETS)
            except SSL.WantReadError:
                return octets


Inner = Callable[[bytes, bool], bytes]
"""What is said inside the tunnel in answer to what came; True the first time in a session not resumed."""


def nothing_inside(_endpoint: Endpoint) -> Inner:
    return lambda _plain, _first: b""


def pap_inside(endpoint: Endpoint) -> Inner:
    """Name and password at once (RFC 5281 section 11.2.5)."""
    password = endpoint.password.encode()
    padded = password.ljust(-(-len(password) // 16) * 16, b"\0")
    said = avp(USER_NAME, endpoint.name.encode()) + avp(USER_PASSWORD, padded)
    return lambda _plain, first: said if first else b""


def avp(code: int, value: bytes) -> bytes:
    head = struct.pack("!IB", code, MANDATORY) + (8 + len(value)).to_bytes(3, "big")
    return head + value + bytes(-len(value) % 4)


def mschapv2_inside(endpoint: Endpoint) -> Inner:
    """EAP packets without their header, as PEAPv0 has them; with it where it is a TLV."""
    return PeapInside(endpoint).respond


class PeapInside:
    """The peer's side of PEAPv0 with MSCHAPv2."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._name, self._password = endpoint.name.encode(), endpoint.password
        self._proof = ""

    def respond(self, plain: bytes, _first: bool) -> bytes:
        if not plain:
            return b""
        if len(plain) > 4 and plain[0] == REQUEST and int.from_bytes(plain[2:4]) == len(plain):
            identifier, kind, data = plain[1], plain[4], plain[5:]
        else:
            identifier, kind, data = 0, plain[0], plain[1:]
        if kind == TLV:
            return self._result(identifier, data)
        if kind == IDENTITY:
            return bytes((IDENTITY,)) + self._name
        if kind != MSCHAPV2:
            return bytes((NAK, MSCHAPV2))
        return bytes((MSCHAPV2,)) + self._mschapv2(data)

    def _result(self, identifier: int, data: bytes) -> bytes:
        result = struct.pack("!HHH", MANDATORY_TLV | RESULT, 2, 1)
        if result not in data:
            raise Confused("the server does not say that all is well inside")
        return struct.pack("!BBHB", RESPONSE, identifier, 5 + len(result), TLV) + result

    def _mschapv2(self, data: bytes) -> bytes:
        if data[0] == CHALLENGE:
            return self._response(data[1], data[5:21])
        if data[0] == SUCCESSFUL and data[4:].startswith(self._proof.encode()):
            return bytes((SUCCESSFUL,))
        raise Confused("the server refuses the password, or could not prove that it knows it")

    def _response(self, identifier: int, challenge: bytes) -> bytes:
        hashed = mschap.nt_hash(self._password)
        asked = MschapExchange(self._name, challenge, os.urandom(16), b"")
        exchange = replace(asked, response=mschap.nt_response(asked, hashed))
        self._proof = mschap.authenticator_response(exchange, mschap.key_of(hashed))
        value = exchange.peer_challenge + bytes(8) + exchange.response + b"\0"
        head = struct.pack("!BBHB", ANSWER, identifier, 5 + len(value) + len(self._name), len(value))
        return head + value + self._name


INNER: dict[Method, Callable[[Endpoint], Inner]] = {
    Method.TLS: nothing_inside,
    Method.TTLS_PAP: pap_inside,
    Method.PEAP_MSCHAPV2: mschapv2_inside,
}

"""The servers of other realms, each asked with a Status-Server (RFC 5997) as a worker would ask it. ◆"""

import os
import threading
from collections.abc import Iterator

from OpenSSL import SSL

from access.commands.checks.verdict import Verdict, fail, ok, warn
from access.config import HomeServerSettings, Settings
from access.radius.home_servers import home_server
from access.radius.tls_files import tls_paths
from radius.effects import Lane
from radius.home import HomeServer, Transport
from radius.limits import RADSEC_SECRET
from radius.relaying import BadReply, Onward, read_reply, status_server
from radius.secret import shared_secret
from radius.tls_peers import TlsEnds, TlsFiles
from radius.turns import Turns
from radius.upstream import Upstream

_PATIENCE_S = 3.0
_AUTHENTICATOR_OCTETS = 16


def home_servers(settings: Settings) -> Iterator[Verdict]:
    """Whether each home server answers, with the secret or the certificate that is configured."""
    for key, realm in settings.realms.items():
        for name, server in realm.servers.items():
            yield _asked(f"home server {key}/{name}", server, settings)


def _asked(subject: str, configured: HomeServerSettings, settings: Settings) -> Verdict:
    server = home_server(subject, configured)
    where = f"{server.address} port {server.port} ({server.transport.value})"
    if not server.has_status:
        return warn(
            subject, f"{where} has no Status-Server, so it cannot be asked", "log in by way of it once"
        )
    secret = shared_secret(RADSEC_SECRET if server.transport is Transport.RADSEC else server.secret)
    request = status_server(Onward(secret, 0, os.urandom(_AUTHENTICATOR_OCTETS), b""))
    try:
        answer = _exchange(server, request, settings)
        if answer is None:
            advice = "see that it runs, knows this machine with the same secret, and answers Status-Server"
            return fail(subject, f"{where} does not answer", advice)
        read_reply(answer, request, secret, must_sign=False)
    except BadReply as error:
        return fail(subject, f"{where} answers what cannot be believed: {error}", "compare the secrets")
    except (SSL.Error, OSError) as error:
        return fail(subject, f"{where} cannot be reached: {error}", "see radius.radsec_certificate")
    return ok(subject, f"{where} answers")


def _exchange(server: HomeServer, request: bytes, settings: Settings) -> bytes | None:
    """Return what comes back, by the way that the workers take; None where nothing does."""
    answers: list[bytes] = []
    heard = threading.Event()

    def deliver(_lane: Lane, data: bytes) -> None:
        answers.append(data)
        heard.set()

    turns = Turns("check")
    upstream = Upstream(turns, lambda: _ends(settings))
    upstream.serve(deliver)
    turns.start()
    try:
        upstream.relay(Lane(server, accounting=False, slot=0), request)
        heard.wait(_PATIENCE_S)
    finally:
        turns.stop()
    return answers[0] if answers else None


def _ends(settings: Settings) -> TlsEnds:
    radius = settings.radius
    ours = tls_paths(radius, settings.state_dir / "tls")
    certificate = radius.radsec_certificate or ours.certificate
    return TlsEnds(
        TlsFiles(certificate, radius.radsec_private_key or ours.private_key, radius.radsec_authority)
    )

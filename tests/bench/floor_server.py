"""The least that Python can do for a PAP login, as a process: receive, compute what RADIUS demands, send.

No server written in Python alone can cost less. It looks nobody up, compares no password, keeps no reply
for duplicates and knows where in the packets of tests.bench.radius_client things stand: no RADIUS server.

Run as `python -m tests.bench.floor_server PORT FILE`: the file holds the secret. It serves until it is
killed.
"""

import hmac
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from radius.secret import md5 as quickest_md5
from tests.layering import ROOT
from tests.peers.ports import LOOPBACK, free_port
from tests.peers.process import Daemon

SERVING = "serving"
BLOCK_OCTETS = 64
INNER_PAD, OUTER_PAD = (bytes(x ^ pad for x in range(256)) for pad in (0x36, 0x5C))
# Header, then the Message-Authenticator: its own header at 20, its value behind that.
SIGNATURE_AT, SIGNED_UNTIL = 22, 38
ZEROS = bytes(16)
# Tunnel-Type, Tunnel-Medium-Type and Tunnel-Private-Group-Id, as a switch gets them.
GIVEN = bytes.fromhex("40060000000d 410600000006 5105313030")
ACCEPT = 2


def answering(secret: bytes) -> Callable[[bytes], bytes | None]:
    """What answers a request with an Accept; None where it was not signed with the secret."""
    md5, same = quickest_md5, hmac.compare_digest
    key = secret.ljust(BLOCK_OCTETS, b"\0")
    inner, outer = key.translate(INNER_PAD), key.translate(OUTER_PAD)
    length = SIGNED_UNTIL + len(GIVEN)
    size = length.to_bytes(2, "big")

    def answer(request: bytes) -> bytes | None:
        blanked = request[:SIGNATURE_AT] + ZEROS + request[SIGNED_UNTIL:]
        signature = md5(outer + md5(inner + blanked).digest()).digest()
        if not same(signature, request[SIGNATURE_AT:SIGNED_UNTIL]):
            return None
        authenticator = request[4:20]
        at = SIGNED_UNTIL + request[SIGNED_UNTIL + 1] + 2  # behind the User-Name
        mask = int.from_bytes(md5(secret + authenticator).digest(), "big")
        password = (int.from_bytes(request[at : at + 16], "big") ^ mask).to_bytes(16, "big").rstrip(b"\0")
        assert password, "everybody has one"
        head = bytes((ACCEPT, request[1])) + size
        unsigned = head + authenticator + b"\x50\x12" + ZEROS + GIVEN
        body = b"\x50\x12" + md5(outer + md5(inner + unsigned).digest()).digest() + GIVEN
        return head + md5(head + authenticator + body + secret).digest() + body

    return answer


@contextmanager
def serving(secret: str) -> Iterator[tuple[int, int]]:
    """The process; (port, pid)."""
    port = free_port()
    with TemporaryDirectory(prefix="floor-") as kept:
        known = Path(kept) / "secret"
        known.touch(mode=0o600)
        known.write_text(secret, encoding="utf-8")
        daemon = Daemon(
            [sys.executable, "-m", "tests.bench.floor_server", str(port), str(known)],
            Path(kept),
            ready=lambda: SERVING in daemon.log,
            environment={"PYTHONPATH": str(ROOT)},
        )
        with daemon:
            yield port, daemon.pid


def serve(port: int, known: Path) -> None:
    answer = answering(known.read_bytes())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind((LOOPBACK, port))
        print(SERVING, flush=True)
        while True:
            request, sender = udp.recvfrom(4096)
            reply = answer(request)
            if reply is not None:
                udp.sendto(reply, sender)


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))

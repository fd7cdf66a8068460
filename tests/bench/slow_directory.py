"""A directory of which some binds take long: what a proxy in front of a real one makes of it.

Run as `python -m tests.bench.slow_directory PORT TARGET_PORT SHARE DELAY_S`: passes LDAP on, and holds a bind
back for DELAY_S, as often as SHARE says. It serves until it is killed.
"""

import asyncio
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.layering import ROOT
from tests.peers.ports import LOOPBACK, free_port
from tests.peers.process import Daemon

SERVING = "serving"
READ_OCTETS = 65536
SEQUENCE, INTEGER, BIND_REQUEST = 0x30, 0x02, 0x60


@contextmanager
def slowed(target_port: int, share: float, delay_s: float) -> Iterator[int]:
    """The proxy as a process of its own; its port."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="slow-") as kept:
        words = [str(port), str(target_port), str(share), str(delay_s)]
        daemon = Daemon(
            [sys.executable, "-m", "tests.bench.slow_directory", *words],
            Path(kept),
            ready=lambda: SERVING in daemon.log,
            environment={"PYTHONPATH": str(ROOT)},
        )
        with daemon:
            yield port


def is_bind(message: bytes) -> bool:
    """Whether a message is a BindRequest (RFC 4511 section 4.2); messages come whole from our client."""
    if len(message) < 2 or message[0] != SEQUENCE:
        return False
    at = 2 + (message[1] & 0x7F if message[1] & 0x80 else 0)
    if message[at : at + 1] != bytes((INTEGER,)):
        return False
    at += 2 + message[at + 1]
    return message[at : at + 1] == bytes((BIND_REQUEST,))


async def serve(port: int, target_port: int, share: float, delay_s: float) -> None:
    source = random.Random(port)

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream = await asyncio.open_connection(LOOPBACK, target_port)
        back = asyncio.create_task(_pass_on(upstream_reader, writer))
        while message := await reader.read(READ_OCTETS):
            if is_bind(message) and source.random() < share:
                await asyncio.sleep(delay_s)
            upstream.write(message)
        upstream.close()
        await back

    server = await asyncio.start_server(take, LOOPBACK, port)
    print(SERVING, flush=True)
    async with server:
        await server.serve_forever()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while octets := await reader.read(READ_OCTETS):
        writer.write(octets)
    writer.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))

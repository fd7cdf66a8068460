"""Ask a RADIUS server as a NAS would, with FreeRADIUS's own radclient."""

import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from tests.peers.available import program
from tests.peers.ports import LOOPBACK

Value = str | int | bytes | IPv4Address | IPv6Address
DICTIONARIES = Path("/usr/share/freeradius")
RECEIVED = re.compile(r"^Received (\S+) Id \d+ from ")
DEFINED = re.compile(r"^ATTRIBUTE\s+(\S+)", re.MULTILINE)
ATTRIBUTE = re.compile(r"^\t([A-Za-z0-9.-]+?)(?::0)? = (.*)$")


class Kind(Enum):
    """What to ask, by radclient's word for it."""

    AUTH = "auth"
    ACCT = "acct"
    STATUS = "status"
    COA = "coa"
    DISCONNECT = "disconnect"


@dataclass(frozen=True)
class Server:
    """Where to ask, and from which loopback address ("" is whichever the kernel takes)."""

    port: int
    secret: str
    host: str = LOOPBACK
    source: str = ""


@dataclass(frozen=True)
class Reply:
    """code is as the dictionary spells it, such as "Access-Accept"; strings are without their quotes."""

    code: str
    attributes: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str | None:
        """The first attribute of that name, octets as "0x..."."""
        return next((value for key, value in self.attributes if key == name), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]


def ask(
    server: Server,
    attributes: Mapping[str, Value] | Iterable[tuple[str, Value]],
    kind: Kind = Kind.AUTH,
    *,
    message_authenticator: bool = True,
    timeout_s: float = 20.0,
) -> Reply | None:
    """The reply to one packet sent once, or None for silence and for a reply that does not verify.

    A str is written as a string; a number or a value's name from the dictionary works as a str too.
    Raises ValueError for a name or a value that the dictionaries do not have.
    """
    pairs = list(attributes.items() if isinstance(attributes, Mapping) else attributes)
    unknown = [name for name, _ in pairs if name.partition(":")[0] not in known_attributes()]
    if unknown:
        raise ValueError(f"radclient would leave out what its dictionaries do not have: {', '.join(unknown)}")
    if message_authenticator and kind in (Kind.AUTH, Kind.STATUS):
        pairs.append(("Message-Authenticator", b"\0"))
    if server.source:
        pairs.append(("Packet-Src-IP-Address", IPv4Address(server.source)))
    text = "".join(f"{name} = {written(value)}\n" for name, value in pairs)
    return parse_reply(run(server, kind, text, timeout_s))


@cache
def known_attributes() -> frozenset[str]:
    texts = (path.read_text("utf-8", "replace") for path in DICTIONARIES.glob("dictionary*"))
    return frozenset(name for text in texts for name in DEFINED.findall(text))


def run(server: Server, kind: Kind, text: str, timeout_s: float) -> str:
    with tempfile.TemporaryDirectory(prefix="radclient-") as kept:
        # A secret on the command line would be seen in the process list; -d keeps it out of /etc.
        secret = Path(kept) / "secret"
        secret.write_text(server.secret + "\n", encoding="utf-8")
        (Path(kept) / "dictionary").touch()
        options = ["-x", "-r", "1", "-t", str(timeout_s), "-D", str(DICTIONARIES), "-d", kept]
        options += ["-S", str(secret)]
        done = subprocess.run(
            [program("radclient"), *options, f"{server.host}:{server.port}", kind.value],
            input=text,
            capture_output=True,
            text=True,
            timeout=timeout_s + 30,
            check=False,
        )
    # A value that radclient does not know must not pass for a server's silence.
    if "Sent " not in done.stdout:
        raise ValueError(f"radclient sent nothing: {done.stdout}{done.stderr}")
    return done.stdout


def written(value: Value) -> str:
    match value:
        case bytes():
            return "0x" + (value.hex() or "00")
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def parse_reply(output: str) -> Reply | None:
    lines = iter(output.splitlines())
    code = next((found[1] for line in lines if (found := RECEIVED.match(line))), None)
    if code is None:
        return None
    return Reply(
        code, tuple((found[1], read(found[2])) for line in lines if (found := ATTRIBUTE.match(line)))
    )


def read(text: str) -> str:
    if text.startswith('"') and text.endswith('"'):
        return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return text

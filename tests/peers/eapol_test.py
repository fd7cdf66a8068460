"""Log a laptop in by 802.1X without the wire: wpa_supplicant's eapol_test against a RADIUS server."""

import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers.available import program
from tests.peers.radclient import Server

MESSAGE = re.compile(r"^RADIUS message: code=(\d+) \(([\w-]+)\)", re.MULTILINE)
ATTRIBUTE = re.compile(r"^   Attribute (\d+) \([^)]*\) length=\d+\n      Value: (.*)$", re.MULTILINE)
KEYS = re.compile(r"^MPPE keys OK: (\d+)  mismatch: (\d+)$", re.MULTILINE)
TUNNEL_PRIVATE_GROUP_ID, SESSION_TIMEOUT, EAP_KEY_NAME = 81, 27, 102
# eapol_test takes a login without keys for a failed one unless told.
WITHOUT_KEYS = {"MD5", "GTC"}
# RFC 2868: an octet up to this before the string is its tag.
LAST_TAG = 0x1F


@dataclass(frozen=True)
class Laptop:
    """What the supplicant is set to. `more`: further lines of its network block, as written there."""

    identity: str
    password: str = field(repr=False)
    authority: Path
    eap: str = "TTLS"
    inner: str = "auth=PAP"
    anonymous: str = "anonymous"
    mac: str = "02:00:00:00:00:01"
    more: Mapping[str, str] = field(default_factory=dict)

    def network(self) -> str:
        lines = {
            "key_mgmt": "WPA-EAP",
            "eap": self.eap,
            "identity": quoted(self.identity),
            "anonymous_identity": quoted(self.anonymous),
            "password": quoted(self.password),
            "ca_cert": quoted(str(self.authority)),
            "phase2": quoted(self.inner),
        }
        block = "".join(f"  {name}={value}\n" for name, value in (lines | dict(self.more)).items())
        return f"network={{\n{block}}}\n"


@dataclass(frozen=True)
class Login:
    """How it ended. keys_match: the server's MPPE keys are those of the TLS session, keys_matched how often.

    code is of the last answer, such as "Access-Accept", or "" if none came. attributes are that answer's:
    number -> values as printed, 'text', a number or hex octets. round_trips counts Access-Requests.
    """

    success: bool
    keys_match: bool
    keys_matched: int
    code: str
    attributes: Mapping[int, tuple[str, ...]]
    round_trips: int
    log: str = field(repr=False)

    def text(self, number: int) -> str | None:
        """The first such attribute as a string, without its tag."""
        values = self.attributes.get(number)
        if not values:
            return None
        if values[0].startswith("'"):
            return values[0][1:-1]
        octets = bytes.fromhex(values[0])
        return (octets[1:] if octets[:1] and octets[0] <= LAST_TAG else octets).decode()

    @property
    def vlan(self) -> str | None:
        return self.text(TUNNEL_PRIVATE_GROUP_ID)

    @property
    def session_timeout_s(self) -> int | None:
        values = self.attributes.get(SESSION_TIMEOUT)
        return int(values[0]) if values else None


def log_in(
    server: Server,
    laptop: Laptop,
    *,
    attributes: Mapping[int, str] | None = None,
    timeout_s: int = 30,
    again: int = 0,
    key_name: bool = False,
) -> Login:
    """One login, and so many more that resume it where they can; all of them have to end well.

    attributes go into each request, number -> "s:text", "d:number" or "x:hex". key_name: the server is
    asked for the name of the keys, which has to be ours.
    """
    with tempfile.TemporaryDirectory(prefix="eapol-test-") as kept:
        configuration = Path(kept) / "laptop.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(laptop.network(), encoding="utf-8")
        options = ["-c", str(configuration), "-a", server.host, "-p", str(server.port), "-s", server.secret]
        options += ["-M", laptop.mac, "-t", str(timeout_s)]
        options += ["-r", str(again)] if again else []
        options += ["-e"] if key_name else []
        options += ["-A", server.source] if server.source else []
        options += ["-n"] if laptop.eap in WITHOUT_KEYS else []
        for number, value in (attributes or {}).items():
            options += ["-N", f"{number}:{value}"]
        done = subprocess.run(
            [program("eapol_test"), *options],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s + 30,
            check=False,
        )
    login = parse(done.stdout)
    assert login.success == (done.returncode == 0), login.log[-2000:]
    return login


def parse(log: str) -> Login:
    messages = list(MESSAGE.finditer(log))
    answers = [message for message in messages if message[2] != "Access-Request"]
    attributes: dict[int, tuple[str, ...]] = {}
    if answers:
        end = log.find("\nSTA ", answers[-1].end())
        for found in ATTRIBUTE.finditer(log, answers[-1].end(), end if end > 0 else len(log)):
            number = int(found[1])
            attributes[number] = (*attributes.get(number, ()), found[2])
    keys = KEYS.search(log)
    matched = int(keys[1]) if keys else 0
    return Login(
        success=log.rstrip().endswith("SUCCESS"),
        keys_match=keys is not None and matched > 0 and int(keys[2]) == 0,
        keys_matched=matched,
        code=answers[-1][2] if answers else "",
        attributes=attributes,
        round_trips=len(messages) - len(answers),
        log=log,
    )


def quoted(text: str) -> str:
    """wpa_supplicant takes what is between the outermost quotes as it stands; other text goes in hex."""
    return f'"{text}"' if text.isascii() and '"' not in text and "\n" not in text else text.encode().hex()

"""Which real programs this machine has, and why not: PEERS maps a peer's name to its check."""

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

POSTGRES_PROGRAMS = Path("/usr/lib/postgresql/15/bin")

Check = Callable[[], str | None]


@cache
def program(name: str) -> str:
    """The path of a program, looked for in sbin too, which a user's PATH lacks; "" if it is not there."""
    path = os.environ.get("PATH", os.defpath) + os.pathsep + "/usr/sbin:/sbin"
    return shutil.which(name, path=path) or ""


def programs(*names: str) -> Check:
    def check() -> str | None:
        absent = [name for name in names if not program(name)]
        return f"{', '.join(absent)} is not installed" if absent else None

    return check


def root() -> str | None:
    return None if os.geteuid() == 0 else "needs root"


def libnftables() -> str | None:
    return None if ctypes.util.find_library("nftables") else "libnftables1 is not installed"


@cache
def namespaces() -> str | None:
    """Tries one, because a container's root may lack the right to make them."""
    unshare = program("unshare")
    if not unshare:
        return "unshare is not installed"
    done = subprocess.run([unshare, "--net", "true"], capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else f"no network namespaces here: {done.stderr.strip()}"


def postgres() -> str | None:
    if not (POSTGRES_PROGRAMS / "initdb").exists():
        return f"{POSTGRES_PROGRAMS}/initdb is not installed"
    return None


def softhsm() -> str | None:
    if not program("softhsm2-util"):
        return "softhsm2 is not installed"
    return None if importlib.util.find_spec("pkcs11") else "python-pkcs11 is not installed"


def openvpn_radius() -> str | None:
    plugin = Path("/usr/lib/openvpn/radiusplugin.so")
    return None if plugin.exists() else "openvpn-auth-radius is not installed"


def strongswan_plugins() -> str | None:
    wanted = ("eap-radius", "eap-gtc", "kernel-libipsec")
    absent = [each for each in wanted if not Path(f"/usr/lib/ipsec/plugins/libstrongswan-{each}.so").exists()]
    return f"strongSwan lacks {', '.join(absent)}" if absent else None


def every(*checks: Check) -> Check:
    """The first reason against, if any."""
    return lambda: next((reason for check in checks if (reason := check())), None)


PEERS: dict[str, Check] = {
    "root": root,
    "netns": every(root, programs("ip"), namespaces),
    "nft": every(root, programs("ip", "nft"), libnftables, namespaces),
    "slapd": programs("slapd", "slapadd"),
    "radclient": programs("radclient"),
    "eapol_test": programs("eapol_test"),
    "radsecproxy": programs("radsecproxy"),
    "freeradius": programs("freeradius"),
    "postgres": postgres,
    "redis": programs("redis-server"),
    "samba": every(root, programs("samba", "samba-tool", "winbindd", "ntlm_auth", "nsenter"), namespaces),
    "chromium": programs("chromium"),
    "hostapd": programs("hostapd"),
    "wpa_supplicant": programs("wpa_supplicant"),
    "ocserv": programs("ocserv", "openconnect"),
    "openvpn": every(programs("openvpn"), openvpn_radius),
    "strongswan": every(programs("charon-systemd", "swanctl"), strongswan_plugins),
    "openssl": programs("openssl"),
    "tcpdump": programs("tcpdump"),
    "systemd-analyze": programs("systemd-analyze"),
    "softhsm": softhsm,
}

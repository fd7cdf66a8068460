"""The directories, and the ports we listen on. ◆"""

import errno
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from access.commands.checks.verdict import Verdict, fail, ok, warn
from access.config import Settings
from access.directory import lockout
from access.directory.connection import opened
from access.directory.errors import DirectoryError
from access.directory.mschap import Source
from access.directory.ntlm_helpers import NtlmHelpers
from access.directory.samba_password import shows_hashes
from access.directory.settings import DirectorySettings
from access.directory.verdict import PasswordOutcome
from access.model import directory_key
from radius.questions import MschapExchange


def directories(settings: Settings) -> Iterator[Verdict]:
    """Whether each directory answers, proves itself, lets us in, and locks no sooner than we think."""
    for key, organization in settings.organizations.items():
        for name, directory in organization.directories.items():
            yield from _directory(f"directory {directory_key(key, name)}", directory)


def _directory(subject: str, directory: DirectorySettings) -> Iterator[Verdict]:
    began = time.monotonic()
    try:
        with opened(directory) as connection:
            took_ms = (time.monotonic() - began) * 1000
            locks_after = lockout.limit(connection, directory)
            hashes = Source.SAMBA in directory.mschap and shows_hashes(connection, directory)
    except DirectoryError as error:
        yield fail(subject, str(error))
        return
    who = directory.bind_dn or "nobody (anonymous)"
    seen = f"{directory.url} with tls {directory.tls.value} lets us in as {who}, {took_ms:.0f} ms"
    yield ok(subject, seen)
    yield from _lockout(f"{subject} lock-out", directory.lockout_failures, locks_after)
    if Source.SAMBA in directory.mschap:
        yield _hashes(f"{subject} sambaNTPassword", hashes)
    if Source.NTLM_AUTH in directory.mschap:
        yield _ntlm_auth(f"{subject} ntlm_auth", directory)


def _lockout(subject: str, ours: int, theirs: int | None) -> Iterator[Verdict]:
    """Whether strangers could get an account locked; nothing where the directory does not show its limit."""
    if theirs and (not ours or theirs < ours):
        wrong = f"accounts are locked after {theirs} wrong passwords, and lockout_failures is {ours}"
        yield fail(
            subject, wrong, f"set lockout_failures = {theirs}, or somebody who guesses locks others out"
        )
    elif theirs is not None:
        seen = f"after {theirs} wrong passwords" if theirs else "never"
        yield ok(subject, f"the directory locks accounts {seen}; we think after {ours}")


def _hashes(subject: str, shown: bool) -> Verdict:
    """Whether anybody has an NT hash that we may see."""
    if shown:
        return ok(subject, "the directory shows NT hashes to our account")
    advice = "let the account of bind_dn read sambaNTPassword, and have people change their passwords once"
    return warn(subject, "nobody has an NT hash that our account may see: nobody logs in by MSCHAPv2", advice)


def _ntlm_auth(subject: str, directory: DirectorySettings) -> Verdict:
    """Whether winbind answers: nobody's response has to be called wrong."""
    helpers = NtlmHelpers(directory, time.monotonic)
    nobody = MschapExchange(b"officegate-nobody", bytes(16), bytes(16), bytes(24))
    try:
        outcome = helpers.check(nobody.name.decode(), nobody).outcome
    finally:
        helpers.close()
    if outcome is PasswordOutcome.WRONG:
        return ok(subject, f"{directory.ntlm_auth} reaches the domain {directory.ntlm_domain}")
    advice = "join the domain (net ads join), run winbindd, and join the group winbindd_priv; try wbinfo -P"
    return fail(subject, f"{directory.ntlm_auth} does not answer for {directory.ntlm_domain}", advice)


def ports(settings: Settings) -> Iterator[Verdict]:
    """Whether the ports are free, or held by the Officegate that runs now."""
    radius, web = settings.radius, settings.web
    ours = _running(settings.state_dir / "run" / "pids")
    radsec = (("RadSec", "tcp", radius.radsec_port),) if radius.radsec_port else ()
    kinds = (
        ("RADIUS authentication", "udp", radius.auth_port),
        ("RADIUS accounting", "udp", radius.acct_port),
        *radsec,
    )
    wanted = (
        *((what, protocol, str(host), port) for host in radius.listen for what, protocol, port in kinds),
        ("web", "tcp", web.listen.host, web.listen.port),
    )
    for what, protocol, host, port in wanted:
        yield _port(f"port {what}", (protocol, host, port), ours)


def _port(subject: str, place: tuple[str, str, int], ours: set[int]) -> Verdict:
    protocol, host, port = place
    shown = f"{protocol} {host}:{port}"
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    try:
        family = socket.getaddrinfo(host, port, type=kind)[0][0]
        with socket.socket(family, kind) as probe:
            if protocol == "tcp":
                # As the server itself does: connections that are only fading away do not count.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE and (holder := _holder(protocol, port, ours)):
            return ok(subject, f"{shown} is held by the running officegate (pid {holder})")
        advice = "stop who listens there (ss -lunpt), or change the setting"
        return fail(subject, f"{shown} cannot be used: {error.strerror or error}", advice)
    return ok(subject, f"{shown} is free")


def _running(pids: Path) -> set[int]:
    """The processes of a running officegate, and their supervisor. Any of them may end meanwhile."""
    try:
        lines = pids.read_text().splitlines()
    except FileNotFoundError:
        return set()
    parents = {pid: _parent(pid) for pid in (int(line.rpartition(" ")[2]) for line in lines)}
    alive = {pid: parent for pid, parent in parents.items() if parent is not None}
    return set(alive) | set(alive.values()) - {0, 1}


def _parent(pid: int) -> int | None:
    """The process that has started this one; None where there is none of this number."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def _holder(protocol: str, port: int, candidates: set[int]) -> int | None:
    """Which of the candidates has a socket on the port."""
    wanted = f"{port:04X}"
    inodes = {
        fields[9]
        for table in (Path(f"/proc/net/{protocol}"), Path(f"/proc/net/{protocol}6"))
        if table.exists()
        for fields in map(str.split, table.read_text().splitlines()[1:])
        if fields[1].endswith(f":{wanted}")
    }
    links = {f"socket:[{inode}]" for inode in inodes}
    return next((pid for pid in sorted(candidates) if links & set(_open_files(pid))), None)


def _open_files(pid: int) -> Iterator[str]:
    try:
        links = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return
    for link in links:
        # One that is closed just now says nothing about the others.
        with suppress(OSError):
            yield f"{link.readlink()}"

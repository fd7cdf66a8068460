"""What a supervised process owes its supervisor: to say when it is ready, and not to outlive it. ◆"""

import ctypes
import os
import signal
import socket

PR_SET_PDEATHSIG = 1


def ready() -> None:
    """Tell whoever started us that we serve (sd_notify protocol); nothing without NOTIFY_SOCKET."""
    notify(f"READY=1\nMAINPID={os.getpid()}")


def notify(message: str) -> None:
    """Send one datagram to NOTIFY_SOCKET. A supervisor that is gone is not our concern."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(address)
            sock.send(message.encode())
        except OSError:
            return


def die_with_parent() -> None:
    """Have the kernel send us SIGTERM when the process that started us ends, however it ends.

    Only under a supervisor (OFFICEGATE_SUPERVISOR holds its pid): a command started by hand from a shell may
    outlive the shell. The parent may already be gone when we ask, so we look afterwards.
    """
    supervisor = os.environ.get("OFFICEGATE_SUPERVISOR", "")
    if not supervisor:
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(supervisor):
        os.kill(os.getpid(), signal.SIGTERM)

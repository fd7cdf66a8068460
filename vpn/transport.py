"""Channels to devices ◆

LocalNft speaks to the nftables of this machine or of one of its network namespaces, through libnftables in
this process: a change takes a tenth of a millisecond, where starting `nft` would take ten.

A namespace belongs to a thread, so each channel has one of its own, which enters the namespace once and
keeps the nft context open. Callers hand it commands one after the other; their own namespace never changes.
The thread holds the namespace alive even after its name is gone, so before every command the name is
looked up again: a gateway that was rebuilt gets a new channel, not commands into the void.
"""

import ctypes
import os
import socket
import struct
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from vpn.device import DeviceError, DeviceUnreachable

NAMESPACES = Path("/run/netns")
OWN_NAMESPACE = Path("/proc/self/ns/net")
CLONE_NEWNET = 0x40000000
OUTPUT_JSON = 1 << 4
NETLINK_NETFILTER = 12
GET_GENERATION = (10 << 8) | 16  # NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN
NEW_GENERATION = (10 << 8) | 15
GENERATION_ID = 1  # NFTA_GEN_ID
NLM_F_REQUEST = 1
ABSENT = "No such file or directory"
READ_AGAIN = "read the device before changing it again"

Answer = TypeVar("Answer")


@cache
def _library() -> ctypes.CDLL:
    """libnftables with its signatures. Raises OSError where it is not installed."""
    library = ctypes.CDLL("libnftables.so.1")
    context = [ctypes.c_void_p]
    library.nft_ctx_new.restype = ctypes.c_void_p
    library.nft_ctx_new.argtypes = [ctypes.c_uint32]
    for name in ("nft_ctx_get_output_buffer", "nft_ctx_get_error_buffer"):
        getattr(library, name).restype = ctypes.c_char_p
        getattr(library, name).argtypes = context
    for name in ("nft_ctx_buffer_output", "nft_ctx_buffer_error", "nft_ctx_free"):
        getattr(library, name).argtypes = context
    library.nft_ctx_free.restype = None
    library.nft_ctx_output_set_flags.restype = None
    library.nft_ctx_output_set_flags.argtypes = [ctypes.c_void_p, ctypes.c_uint]
    library.nft_run_cmd_from_buffer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    return library


class _Nft:
    """An nft context and a netlink socket of the namespace of the thread that makes them."""

    # Making a context counts users of libnftables' tables without a lock (1.0.6: src/libnftables.c).
    _making = threading.Lock()

    def __init__(self) -> None:
        self._library = _library()
        with self._making:
            self._context = self._library.nft_ctx_new(0)
        self._library.nft_ctx_buffer_output(self._context)
        self._library.nft_ctx_buffer_error(self._context)
        self._netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self._netlink.bind((0, 0))
        self._netlink.settimeout(1.0)

    def run(self, command: str, flags: int) -> tuple[bool, str]:
        """(whether it went well, output or else error)."""
        self._library.nft_ctx_output_set_flags(self._context, flags)
        failed = self._library.nft_run_cmd_from_buffer(self._context, command.encode())
        output = self._library.nft_ctx_get_output_buffer(self._context) or b""
        error = self._library.nft_ctx_get_error_buffer(self._context) or b""
        return not failed, (error if failed else output).decode("utf-8", "replace")

    def generation(self) -> int:
        """The kernel's generation of this namespace's rules."""
        header = struct.pack("=IHHII", 20, GET_GENERATION, NLM_F_REQUEST, 1, 0)
        self._netlink.send(header + struct.pack("=BBH", 0, 0, 0))
        return _generation(self._netlink.recv(65536))

    def close(self) -> None:
        self._netlink.close()
        with self._making:
            self._library.nft_ctx_free(self._context)


def _generation(message: bytes) -> int:
    """NFTA_GEN_ID of an NFT_MSG_NEWGEN; raises OSError for any other answer."""
    kind = struct.unpack_from("=H", message, 4)[0]
    offset = 20
    while kind == NEW_GENERATION and offset + 8 <= len(message):
        length, attribute = struct.unpack_from("=HH", message, offset)
        if attribute & 0x3FFF == GENERATION_ID:
            return int(struct.unpack_from(">I", message, offset + 4)[0])
        offset += max((length + 3) & ~3, 4)
    raise OSError("the kernel did not tell its generation of nftables")


Job = tuple[Callable[[_Nft], Any], Future[Any]]


class _Worker:
    """The thread that lives in the namespace. It ends when it is told to, or with the process."""

    def __init__(self, namespace: Path) -> None:
        self.identity = _identity(namespace)
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._live, args=(namespace,), daemon=True, name="nft")
        self._thread.start()

    def submit(self, job: Callable[[_Nft], Answer], deadline_s: float) -> Answer:
        """What the job returns; raises TimeoutError, and OSError where the namespace could not be entered."""
        self._opened.result(deadline_s)
        future: Future[Answer] = Future()
        self._jobs.put((job, future))
        try:
            return future.result(deadline_s)
        finally:
            future.cancel()

    def close(self) -> None:
        """Let go of the namespace once what was submitted is done."""
        self._jobs.put(None)

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _live(self, namespace: Path) -> None:
        try:
            # A thread begins in the namespace of its process; to enter that one too would take CAP_SYS_ADMIN.
            if namespace != OWN_NAMESPACE:
                _enter(namespace)
            nft = _Nft()
        except OSError as error:
            self._opened.set_exception(error)
            return
        self._opened.set_result(None)
        while (entry := self._jobs.get()) is not None:
            job, future = entry
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(job(nft))
            except Exception as error:  # the outermost loop of this thread: the caller gets to see it
                future.set_exception(error)
        nft.close()


def _identity(namespace: Path) -> tuple[int, int]:
    """What tells this namespace from a later one of the same name. Raises OSError."""
    status = namespace.stat()
    return status.st_dev, status.st_ino


def _enter(namespace: Path) -> None:
    """Move the calling thread, and only it, into the namespace. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(handle, CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(namespace))
    finally:
        os.close(handle)


@dataclass
class LocalNft:
    """The nftables of a network namespace by name, or of this process's own. Implements Channel.

    Any thread may call; commands run one after the other. Opened at first use and again after a fork.
    deadline_s holds for each command: one that was not begun by then never runs, one that was may still
    take effect.
    """

    netns: str | None = None
    deadline_s: float = 10.0
    _worker: _Worker | None = field(default=None, init=False, repr=False)
    _process: int = field(default=0, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.netns is not None and (self.netns in ("", ".", "..") or "/" in self.netns):
            raise ValueError(f"{self.netns!r} is no name of a network namespace")

    @property
    def device(self) -> str:
        """The name errors have for the device."""
        return f"nftables in namespace {self.netns}" if self.netns else "nftables of this machine"

    def run(self, batch: str) -> None:
        """Carry the batch out, all of it or nothing. Raises DeviceError."""
        done, text = self._submit(lambda nft: nft.run(batch, 0))
        if not done:
            raise self._refused(text)

    def ask(self, question: str) -> str | None:
        """What nft prints, lists as JSON; None where there is no such thing. Raises DeviceError."""
        flags = OUTPUT_JSON if question.startswith("list ") else 0
        done, text = self._submit(lambda nft: nft.run(question, flags))
        if not done and ABSENT not in text:
            raise self._refused(text)
        return text if done else None

    def generation(self) -> int:
        """The kernel's generation of the rules in this namespace. Raises DeviceError."""
        return self._submit(lambda nft: nft.generation())

    def close(self) -> None:
        """Let go of the namespace; the next command opens it again."""
        with self._lock:
            worker, self._worker = self._worker, None
        if worker is not None and self._process == os.getpid():
            worker.close()
            worker.join(self.deadline_s)

    def __enter__(self) -> "LocalNft":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _submit(self, job: Callable[[_Nft], Answer]) -> Answer:
        try:
            worker = self._open()
        except OSError as error:
            raise self._unreachable(error) from error
        try:
            return worker.submit(job, self.deadline_s)
        except TimeoutError as error:
            what = f"no answer within {self.deadline_s:g} s"
            raise DeviceError(self.device, what, READ_AGAIN) from error
        except OSError as error:
            self.close()
            raise self._unreachable(error) from error

    def _open(self) -> _Worker:
        """The worker in the namespace that has our name now."""
        namespace = NAMESPACES / self.netns if self.netns else OWN_NAMESPACE
        if self._process != os.getpid():
            # Threads do not survive a fork, and the lock may have been held by one.
            self._worker, self._lock, self._process = None, threading.Lock(), os.getpid()
        with self._lock:
            if self._worker is not None and self._worker.identity != _identity(namespace):
                self._worker.close()
                self._worker = None
            if self._worker is None:
                self._worker = _Worker(namespace)
            return self._worker

    def _refused(self, text: str) -> DeviceError:
        lines = [line for line in text.splitlines() if line.startswith("Error")] or text.splitlines()[:1]
        what = f"nft refused: {lines[0] if lines else 'no reason given'}"
        return DeviceError(self.device, what[:500], READ_AGAIN)

    def _unreachable(self, error: OSError) -> DeviceUnreachable:
        remedy = (
            "is the gateway up, and does Officegate run as root on its machine with libnftables1 installed?"
        )
        return DeviceUnreachable(self.device, error.strerror or str(error), remedy)

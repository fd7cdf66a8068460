"""Sends one request to a NAS and waits for its answer ◆"""

import socket
import time
from dataclasses import dataclass
from enum import Enum

from radius.dynauth import Answer, NotAnAnswer, read_answer
from radius.packet import MAX_OCTETS
from radius.secret import SharedSecret

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 4.0


class Result(Enum):
    """How a request ended."""

    ACKED = "acked"
    NAKED = "naked"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Reply:
    """cause and words are the NAS's Error-Cause, or why there was no answer; sent counts transmissions."""

    result: Result
    cause: int | None = None
    words: str = ""
    sent: int = 1


def send(request: bytes, to: tuple[str, int], secret: SharedSecret, deadline_s: float) -> Reply:
    """Return how the NAS took the request, which is repeated as it is until the deadline.

    From a socket of its own, so that only this request's answers reach it, whatever its identifier.
    """
    family = socket.AF_INET6 if ":" in to[0] else socket.AF_INET
    deadline = time.monotonic() + deadline_s
    with socket.socket(family, socket.SOCK_DGRAM) as udp:
        return _exchange(udp, to, request, secret, deadline)


def _exchange(
    udp: socket.socket, to: tuple[str, int], request: bytes, secret: SharedSecret, deadline: float
) -> Reply:
    wait_s, sent, trouble = FIRST_WAIT_S, 0, ""
    while (left_s := deadline - time.monotonic()) > 0:
        sent += 1
        until = time.monotonic() + min(wait_s, left_s)
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)
        try:
            udp.connect(to)
            udp.send(request)
            answer = _answer(udp, request, secret, until)
        except TimeoutError:
            continue
        except OSError as error:
            # No way leads there, or nobody listens: it may be restarting, so wait as for a lost packet.
            trouble = f"{error.strerror}"
            _sleep(until)
            continue
        result = Result.ACKED if answer.acknowledged else Result.NAKED
        return Reply(result, answer.cause, answer.words, sent)
    return Reply(Result.SILENT, None, trouble or "no answer", sent)


def _answer(udp: socket.socket, request: bytes, secret: SharedSecret, until: float) -> Answer:
    """Return the first datagram that is an answer. Raises TimeoutError, or OSError where nobody listens."""
    while (left_s := until - time.monotonic()) > 0:
        udp.settimeout(left_s)
        try:
            return read_answer(udp.recv(MAX_OCTETS), request, secret, time.time())
        except NotAnAnswer:
            continue
    raise TimeoutError


def _sleep(until: float) -> None:
    time.sleep(max(until - time.monotonic(), 0.0))

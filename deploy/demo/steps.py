"""The lines that the demo prints: one a step, with its time, and what it left out."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class StepFailed(AssertionError):
    """A step did not hold; the message says which and why."""


@dataclass
class Told:
    """What a step says of itself once it holds."""

    remarks: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, remark: str) -> None:
        self.remarks.append(remark)

    def leave_out(self, reason: str) -> None:
        self.left_out.append(reason)


class Steps:
    """Prints and counts the steps."""

    def __init__(self) -> None:
        self.left_out: list[str] = []
        self._started = time.monotonic()

    @contextmanager
    def step(self, number: int, title: str) -> Iterator[Told]:
        """Time what runs inside. Whatever it raises becomes StepFailed, after its line is printed."""
        told = Told()
        started = time.monotonic()
        try:
            yield told
        except Exception as error:
            print(f"  {number}  FAILED  {title}  ({time.monotonic() - started:.1f} s)\n{error}", flush=True)
            raise StepFailed(f"step {number}, {title}: {error}") from error
        self.left_out += told.left_out
        remarks = "; ".join([*told.remarks, *(f"left out: {reason}" for reason in told.left_out)])
        detail = f"  ({remarks})" if remarks else ""
        print(f"  {number}  ok  {time.monotonic() - started:5.1f} s  {title}{detail}", flush=True)

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._started


def claim(holds: bool, what: str) -> None:
    """Raises AssertionError with what was claimed, unless it holds (also under python -O)."""
    if not holds:
        raise AssertionError(what)

"""When to stop asking a directory that does not answer, so that its silence does not become ours.

CLOSED: every question is asked. After LIMIT failures in a row, OPEN: nobody asks, until REST_S have passed
and one asks again (the others still do not). Its answer closes the breaker; its failure opens it again.
"""

from dataclasses import dataclass, replace

LIMIT = 3
REST_S = 2.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """The state. Times are monotonic seconds."""

    failures: int = 0
    resting_until: float = 0.0

    @property
    def closed(self) -> bool:
        """Return whether every question is asked."""
        return self.failures < LIMIT

    def may_ask(self, now: float) -> tuple[bool, "Breaker"]:
        """Return whether to ask now, and the state after it."""
        if self.closed:
            return True, self
        if now < self.resting_until:
            return False, self
        return True, replace(self, resting_until=now + REST_S)

    def answered(self) -> "Breaker":
        """Return the state after an answer, whatever it was."""
        return Breaker()

    def failed(self, now: float) -> "Breaker":
        """Return the state after no answer."""
        return Breaker(self.failures + 1, now + REST_S)

"""How long to wait after failures: five tries are free, then the waits double, then comes the end.

The five cost a forgetful person nothing. Then 1, 2, 4 ... minutes up to an hour, which holds a guesser of
six digits (three valid at a time) to about a chance in 3,000 before the hundredth failure, after
which no code counts until the owner has been recognised in another way (NIST SP 800-63B: at most 100
consecutive failures). Only success or that recognition sets the count back; time alone never does.
"""

from dataclasses import dataclass, replace

FREE_FAILURES = 5
FIRST_WAIT_S = 60.0
LONGEST_WAIT_S = 3600.0
MAX_FAILURES = 100


@dataclass(frozen=True)
class Throttle:
    """Failures in a row, and the Unix time before which no further try is looked at."""

    failures: int = 0
    not_before: float = 0.0

    @property
    def locked(self) -> bool:
        """Whether the failures have reached the number after which waiting no longer helps."""
        return self.failures >= MAX_FAILURES

    def holds(self, now: float) -> bool:
        """Return whether a try now comes too early."""
        return now < self.not_before

    def after_failure(self, now: float) -> "Throttle":
        """Return the throttle with one more failure and the wait that follows from it."""
        failures = self.failures + 1
        wait_s = wait_after(failures)
        return Throttle(failures, now + wait_s if wait_s else self.not_before)

    def rebased(self, now: float) -> "Throttle":
        """Return the throttle with no more left to wait than its failures ask for.

        More can be left only if the clock went back since the last failure. The wait then begins anew,
        so a clock that once stood years ahead cannot keep people out for years, and the wait is
        still never shorter than it was meant to be.
        """
        return replace(self, not_before=min(self.not_before, now + wait_after(self.failures)))


NO_FAILURES = Throttle()


def wait_after(failures: int) -> float:
    """Return the seconds to wait after that many failures in a row."""
    if failures < FREE_FAILURES:
        return 0.0
    doublings = min(failures - FREE_FAILURES, 10)
    return min(FIRST_WAIT_S * (1 << doublings), LONGEST_WAIT_S)

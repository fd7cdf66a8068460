"""What each NAS did to us and we to it, in numbers."""

from bisect import bisect_left
from dataclasses import dataclass, field

from radius.nas import IPAddress

MAX_STRANGERS = 256
# Bad authenticators with less than this between them are one trouble, which began with the first.
TROUBLE_S = 600.0


# Upper ends, in seconds, of the classes that durations are counted in; what is longer is in the last.
BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(slots=True)
class Histogram:
    """How long something took, each time, in classes that end at BOUNDS_S."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    sum_s: float = 0.0

    def observe(self, duration_s: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(BOUNDS_S, duration_s)] += 1
        self.sum_s += duration_s


@dataclass(slots=True)
class Counters:
    """The counters of one NAS since the worker started. What is dropped is counted and not answered.

    bad_began and bad_last are the times of the first and the last bad authenticator of the latest trouble.
    """

    requests: int = 0
    accepts: int = 0
    rejects: int = 0
    challenges: int = 0
    accounting_requests: int = 0
    accounting_responses: int = 0
    status_requests: int = 0
    forwarded: int = 0
    malformed: int = 0
    unexpected_codes: int = 0
    bad_authenticators: int = 0
    missing_message_authenticators: int = 0
    duplicates_answered: int = 0
    duplicates_dropped: int = 0
    eap_discarded: int = 0
    overload_dropped: int = 0
    unanswered: int = 0
    bad_began: float | None = None
    bad_last: float | None = None

    def bad_authenticator(self, now: float) -> None:
        """Count a packet that was not made with the secret of this NAS."""
        self.bad_authenticators += 1
        if self.bad_last is None or now - self.bad_last > TROUBLE_S:
            self.bad_began = now
        self.bad_last = now


@dataclass(slots=True)
class Strangers:
    """Packets from addresses that are no NAS; the first few hundred addresses are remembered."""

    total: int = 0
    by_address: dict[IPAddress, int] = field(default_factory=dict)

    def count(self, address: IPAddress) -> None:
        """Count one packet from this address."""
        self.total += 1
        if address in self.by_address or len(self.by_address) < MAX_STRANGERS:
            self.by_address[address] = self.by_address.get(address, 0) + 1


@dataclass(frozen=True, slots=True)
class Load:
    """How much is under way: questions not answered yet, conversations, and those of them that speak EAP."""

    questions: int
    conversations: int
    eap_conversations: int

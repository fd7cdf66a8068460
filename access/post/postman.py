"""Delivers notices: takes what is due, has it sent, and tries again what failed. ▸"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from access.errors import Unavailable
from access.post.letters import GIVEN_UP_AFTER_S, Addressee, Messenger, Notice, NotTaken, letter, wait_s

NO_ADDRESS = "the directory has no mail address for this person"
NO_SERVER = "no mail server is set (mail.server)"


class Waiting(Protocol):
    """A notice that is ours to deliver."""

    @property
    def id(self) -> int: ...
    @property
    def notice(self) -> Notice: ...
    @property
    def to(self) -> Addressee: ...
    @property
    def failures(self) -> int: ...


class NoticePorts(Protocol):
    """Where notices wait."""

    def claim(self, now: float) -> Sequence[Waiting]:
        """Take some that are due."""

    def done(self, notice_id: int, now: float, failure: str) -> None:
        """Never try it again: it was delivered, or cannot be (failure)."""

    def again(self, notice_id: int, not_before: float, failure: str) -> None:
        """Try it again later."""


@dataclass(frozen=True, slots=True)
class Postman:
    """messenger None: nothing reaches anybody, and nothing waits for it."""

    ports: NoticePorts
    messenger: Messenger | None
    portal_url: str
    zone: tzinfo
    clock: Callable[[], float]

    def deliver(self) -> int:
        """Deliver what is due, and return how many were. Raises Unavailable where the database is away."""
        delivered = 0
        while some := self.ports.claim(self.clock()):
            delivered += sum(self._deliver(each) for each in some)
        return delivered

    def _deliver(self, waiting: Waiting) -> bool:
        now = self.clock()
        if self.messenger is None or not waiting.to.mail:
            self.ports.done(waiting.id, now, NO_ADDRESS if self.messenger else NO_SERVER)
            return False
        try:
            self.messenger.send(letter(waiting.notice, waiting.to, self.portal_url, self.zone))
        except NotTaken as error:
            self.ports.done(waiting.id, now, str(error))
            return False
        except Unavailable as error:
            self._put_off(waiting, now, str(error))
            return False
        self.ports.done(waiting.id, now, "")
        return True

    def _put_off(self, waiting: Waiting, now: float, why: str) -> None:
        if now - waiting.notice.at > GIVEN_UP_AFTER_S:
            self.ports.done(waiting.id, now, f"given up after a day: {why}")
        else:
            self.ports.again(waiting.id, now + wait_s(waiting.failures + 1), why)

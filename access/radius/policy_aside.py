"""The policy in force, read in a thread of its own: a large one takes longer than a login may wait. ◆"""

import threading
from collections.abc import Callable

import structlog

from access.errors import AccessError
from access.policy.vocabulary import PolicyErrors
from access.radius.lookout import Lookout
from access.store.feed import START, Position
from access.store.world import Reading

LOG = structlog.get_logger()

# How long whoever noticed that a policy was published waits for it. One that differs from the one before by
# some rules is read by then, so that the next decision is made by it.
PATIENCE_S = 0.3


class PolicyAside:
    """Reads the policy whenever it is told that another is in force. read: what is read of it.

    All but start() and stop() is for one thread.
    """

    def __init__(self, read: Callable[[], Reading]) -> None:
        self._read = read
        self._unread: Position | None = None
        self._found: Reading | None = None
        self._failed = self._hopeless = False
        self._lookout = Lookout(self._look, threading.TIMEOUT_MAX)
        self.start, self.stop = self._lookout.start, self._lookout.stop

    @property
    def behind(self) -> bool:
        """Whether another policy is in force than the last that was taken."""
        return self._unread is not None

    def noticed(self, position: Position) -> None:
        """A policy was put in force, and the feed was read up to a position; wait a moment for the policy."""
        self._unread, self._found = position, None
        self._take(self._lookout.fresh_news(PATIENCE_S))

    def found(self) -> Reading | None:
        """Return the policy that was read, until it is taken; None: there is none."""
        if self.behind and self._found is None:
            again = self._failed and not self._hopeless
            self._take(self._lookout.fresh_news(0.0) if again else self._lookout.news())
        return self._found

    def taken(self) -> None:
        """What was found, or what stands for it, is known now."""
        self._unread = self._found = None

    def _take(self, readings: list[Reading]) -> None:
        for reading in readings:
            if reading.failure and not self._failed:
                LOG.error("the policy in force cannot be read; the one before counts", why=reading.failure)
            self._failed, self._hopeless = bool(reading.failure), reading.hopeless
            # What was read before that was in force is of no use any more.
            if not self._failed and self._unread is not None and reading.at >= self._unread:
                self._found = reading

    def _look(self) -> Reading:
        try:
            return self._read()
        except PolicyErrors as error:
            return Reading(START, failure=str(error), hopeless=True)
        except AccessError as error:
            return Reading(START, failure=str(error))
        except Exception as error:
            LOG.exception("the policy in force cannot be read; this is a mistake in Officegate")
            return Reading(START, failure=str(error))

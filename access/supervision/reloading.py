"""One reload: the children of a supervisor replaced one by one by what a new configuration wants. ◆

Rules, for each child in its order:

    one that can step aside       its successor is started beside it and stands by; once that is ready the
                                  child steps aside; once it has ended its successor is told to begin
    any other                     it is stopped, and its successor started

The next one follows once that is done. A successor that does not get ready ends the reload: what it was to
replace goes on, or is started again, and what has been replaced by then stays.
"""

import signal
import time
from collections.abc import Callable, Iterator, Sequence

import structlog

from access.errors import AccessError
from access.supervision.child import BEGIN, STEP_ASIDE, Child, Program, how_it_ended

LOG = structlog.get_logger()
READY_WITHIN_S = 120.0


class NotReplaced(AccessError):
    """A successor did not get ready."""


class Reload:
    """A reload under way. advance() is called whenever something may have happened."""

    def __init__(
        self,
        children: list[Child],
        programs: Sequence[Program],
        start: Callable[[Child, bool], None],
        stop_timeout_s: float,
    ) -> None:
        """children is changed; start is given a child, and whether it stands by."""
        self._children, self._start, self._stop_timeout_s = children, start, stop_timeout_s
        self.besides: list[Child] = []
        self._work = self._replace_all(programs)

    def advance(self) -> bool:
        """Do what can be done now; return whether all is done. Raises NotReplaced."""
        return next(self._work, self) is self

    def _replace_all(self, programs: Sequence[Program]) -> Iterator[None]:
        for program in programs:
            (old,) = (child for child in self._children if child.program.name == program.name)
            new = Child(program, turn=1 - old.turn)
            yield from self._exchange(old, new) if program.aside_s is None else self._relieve(old, new)
            LOG.info("replaced", replaced=program.name, pid=new.pid)
        self.besides.clear()

    def _relieve(self, old: Child, new: Child) -> Iterator[None]:
        """Have a successor take over from one that serves."""
        self.besides = [new]
        self._start(new, True)
        yield from self._until_ready(new)
        self._children[self._children.index(old)] = new
        self.besides = [old]
        old.send(STEP_ASIDE)
        yield from self._until_ended(old, old.program.aside_s or 0.0)
        new.send(BEGIN)

    def _exchange(self, old: Child, new: Child) -> Iterator[None]:
        """Stop one, and start its successor."""
        old.held = True
        old.send(signal.SIGTERM)
        yield from self._until_ended(old, self._stop_timeout_s)
        self.besides = [new]
        self._start(new, False)
        try:
            yield from self._until_ready(new)
        except NotReplaced:
            old.process, old.held = None, False
            raise
        self._children[self._children.index(old)] = new

    def _until_ready(self, new: Child) -> Iterator[None]:
        """Raises NotReplaced."""
        deadline = time.monotonic() + READY_WITHIN_S
        while not new.ready:
            assert new.process is not None
            if not new.runs:
                how = how_it_ended(new.process.returncode)
            elif time.monotonic() >= deadline:
                how = f"not ready within {READY_WITHIN_S:g} s"
            else:
                yield
                continue
            new.kill()
            self.besides.clear()
            raise NotReplaced(
                f"{new.program.name} does not start with the new configuration: {how}. Look at its lines in"
                " the log. It goes on with the one before, and so does what comes after it."
            )

    def _until_ended(self, old: Child, within_s: float) -> Iterator[None]:
        deadline = time.monotonic() + within_s
        while old.runs and time.monotonic() < deadline:
            yield
        if old.runs:
            LOG.warning("did not stop in time, killed it", process=old.program.name, pid=old.pid)
        old.kill()

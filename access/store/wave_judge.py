"""What the wave that stands has done, read on from where the last look ended: never all of it again. ◆

A record is judged once, by what is known when it is first seen. Numbers are given before their transactions
are over, so that a record may turn up below one that was seen: what is newer than the end of some looks ago
is read again, and what was judged of it is not judged twice.
"""

from collections import deque
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from access.changes.rollout import Harm, Rollout
from access.keys.sealing import Keyring
from access.store import wave_harm
from access.store.tables import audit

# A look comes every five seconds: no transaction that writes records lasts a minute.
SETTLED_LOOKS = 12


@dataclass(slots=True)
class Judge:
    """Follows one wave after another. Not for two threads.

    hit: who was refused, a user by id. ends: the highest number there was at each of the last looks.
    """

    _wave: tuple[str, int, float] | None = None
    _refused: int = 0
    _hit: set[int | str] = field(default_factory=set)
    _seen: set[int] = field(default_factory=set)
    _ends: deque[int] = field(default_factory=deque)

    def harm(self, conn: Connection, keyring: Keyring, rollout: Rollout) -> Harm:
        """What the wave has done since it stands."""
        wave = (rollout.revision, rollout.step, rollout.since)
        if wave != self._wave:
            self._wave, self._refused = wave, 0
            self._hit, self._seen, self._ends = set(), set(), deque()
        after = self._ends[0] if len(self._ends) == SETTLED_LOOKS else 0
        # Asked before the records are read: what is written in between is then read again.
        end = conn.execute(select(func.max(audit.c.id))).scalar() or 0
        self._take_in(conn, keyring, rollout, after)
        self._ends.append(end)
        if len(self._ends) > SETTLED_LOOKS:
            self._ends.popleft()
        if len(self._ends) == SETTLED_LOOKS:
            self._seen = {each for each in self._seen if each > self._ends[0]}
        return wave_harm.told(conn, rollout, (self._refused, self._hit), (rollout.since, wave_harm.LAST))

    def _take_in(self, conn: Connection, keyring: Keyring, rollout: Rollout, after: int) -> None:
        window = (rollout.since, wave_harm.LAST)
        fresh = list(wave_harm.refusals(conn, keyring, window, after, self._seen))
        judged = wave_harm.Judged(conn, rollout, rollout.since) if fresh else None
        for each in fresh:
            self._seen.add(each.id)
            if judged is not None and judged.is_harm(each):
                self._refused += 1
                self._hit.add(wave_harm.who(each))

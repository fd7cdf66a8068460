"""Where people have logged in lately, by heart: what is new about a login is told by it."""

from collections.abc import Iterable

from access.logins.risk import Visit

# Of one person, the oldest forgotten first.
MOST_VISITS = 32

_Place = tuple[str, str, str]


class Trails:
    """The visits of people. whole: whether all have been read since somebody asked for them."""

    def __init__(self) -> None:
        self.whole = False
        self._visits: dict[int, dict[_Place, float]] = {}
        self._words: dict[str, str] = {}

    def put_all(self, known: Iterable[tuple[int, Visit]]) -> None:
        """Know these visits and no others."""
        self._visits, self._words = {}, {}
        for user_id, visit in sorted(known, key=lambda each: each[1].at):
            self.put(user_id, visit)
        self.whole = True

    def put(self, user_id: int, visit: Visit) -> None:
        """Know one more."""
        mine = self._visits.setdefault(user_id, {})
        word = self._words.setdefault
        place = (
            word(visit.station, visit.station),
            word(visit.country, visit.country),
            word(visit.site, visit.site),
        )
        at = max(visit.at, mine.pop(place, 0.0))
        mine[place] = at
        if len(mine) > MOST_VISITS:
            del mine[min(mine, key=mine.__getitem__)]

    def of(self, user_id: int) -> tuple[Visit, ...]:
        """Return the visits of a person."""
        return tuple(Visit(*place, at) for place, at in self._visits.get(user_id, {}).items())

    def forget(self) -> None:
        """Nobody asks any more."""
        self.whole = False
        self._visits, self._words = {}, {}

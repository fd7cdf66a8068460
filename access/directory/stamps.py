"""When an entry last changed, as the server says it: what polling compares."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from access.directory.entries import RawEntry

# entryCSN is finer, and OpenLDAP's; modifyTimestamp (RFC 4512 section 3.4.4) is everywhere.
FINEST = "entryCSN"
ATTRIBUTES = (FINEST, "modifyTimestamp")
# The letters of a stamp that say its second.
SECOND = len("20261122120000")
FORMATS = ("%Y%m%d%H%M%S.%f", "%Y%m%d%H%M%S")


def stamp(raw: RawEntry, attribute: str) -> str:
    """Return the entry's value of the attribute; empty if it has none."""
    values = raw.attributes.get(attribute.lower(), ())
    return values[0].decode("ascii", "replace") if values else ""


def attribute_of(raws: Iterable[RawEntry]) -> str:
    """Return the finest attribute that every entry carries."""
    known = list(raws)
    return next((name for name in ATTRIBUTES if all(stamp(raw, name) for raw in known)), ATTRIBUTES[-1])


def newest(raws: Iterable[RawEntry], attribute: str) -> datetime | None:
    """Return when the last of them changed, by the server's clock; None without any."""
    # Of one server all are written alike: the newest is the last in the order of their letters.
    told = {stamp(raw, attribute) for raw in raws}
    if told and (newest := parse(max(told))) is not None:
        return newest
    return max((moment for each in told if (moment := parse(each)) is not None), default=None)


def parse(text: str) -> datetime | None:
    """Return the moment of a CSN or of a GeneralizedTime in UTC; None for anything else."""
    plain = text.partition("#")[0].removesuffix("Z")
    for form in FORMATS:
        try:
            return datetime.strptime(plain, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def written(moment: datetime) -> str:
    """Return a moment as both attributes begin."""
    return f"{moment.astimezone(UTC):%Y%m%d%H%M%S}"


def changed_since(attribute: str, moment: datetime, overlap: timedelta) -> str:
    """Return the filter for everything that changed after moment less overlap."""
    start = (moment - overlap).astimezone(UTC)
    if attribute == FINEST:
        return f"({attribute}>={start:%Y%m%d%H%M%S.%f}Z#000000#000#000000)"
    return f"({attribute}>={start:%Y%m%d%H%M%S}Z)"


@dataclass(slots=True)
class Lately:
    """How many entries changed in each second: how far a look reaches back without finding too many again."""

    _counts: Counter[str] = field(default_factory=Counter)

    def note(self, told: Iterable[str]) -> None:
        """Take in stamps."""
        self._counts.update(each[:SECOND] for each in told)

    def lookback(self, newest: datetime, longest: timedelta, most: int) -> timedelta:
        """Return how long before newest a look begins: the longest time in which at most so many changed.

        After a load of very many entries it is none at all.
        """
        found = 0
        for back in range(int(longest.total_seconds()) + 1):
            moment = newest - timedelta(seconds=back)
            found += self._counts[written(moment)]
            if found > most:
                return timedelta(seconds=max(0, back - 1))
        return longest

"""How risky a login is, from what Officegate itself knows: a few signs, each with its points.

    sign                 seen where                                                            points
    wrong-tries          3 to 9 wrong passwords or codes for this name, no hour between them        1
    many-wrong-tries     10 or more of them                                                         2
    new-country          a country in which the person has not been for 30 days                     2
    new-endpoint         the first login from this MAC address within 90 days                       1
    travel               in another country less than 3 hours ago, or this very endpoint at
                         another site less than 15 minutes ago                                      3
    mac-after-802.1x     a login by MAC address of an endpoint that did 802.1X within 14 days       3
    remembered-password  the directory did not answer: a remembered password counted                1

    points    0 or 1    2         3 and more
    level     low       medium    high

Whoever guesses at somebody's name can raise their risk to medium and no further. Where nothing is known of
before (the first login of all) nothing is new: a company that begins is not at risk.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from radius.frozen import value

DAY_S = 86400.0
TRAIL_S = 90 * DAY_S
COUNTRY_S = 30 * DAY_S
COUNTRIES_APART_S = 3 * 3600.0
SITES_APART_S = 15 * 60.0
DOT1X_S = 14 * DAY_S
WRONG_TRIES, MANY_WRONG_TRIES = 3, 10


class Level(StrEnum):
    """How risky it is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Sign(StrEnum):
    """What speaks for a risk."""

    WRONG_TRIES = "wrong-tries"
    MANY_WRONG_TRIES = "many-wrong-tries"
    NEW_COUNTRY = "new-country"
    NEW_ENDPOINT = "new-endpoint"
    TRAVEL = "travel"
    MAC_AFTER_8021X = "mac-after-802.1x"
    REMEMBERED_PASSWORD = "remembered-password"  # noqa: S105 - a sign, not a password


POINTS: Mapping[Sign, int] = MappingProxyType(
    {
        Sign.WRONG_TRIES: 1,
        Sign.MANY_WRONG_TRIES: 2,
        Sign.NEW_COUNTRY: 2,
        Sign.NEW_ENDPOINT: 1,
        Sign.TRAVEL: 3,
        Sign.MAC_AFTER_8021X: 3,
        Sign.REMEMBERED_PASSWORD: 1,
    }
)


@value
class Risk:
    """A level and the signs that made it, in the order of the table."""

    level: Level = Level.LOW
    signs: tuple[Sign, ...] = ()

    def __str__(self) -> str:
        """Return how a session keeps it: medium new-country."""
        return " ".join((self.level, *self.signs))


@value
class Visit:
    """A login of a person: the newest at this site, from this country and endpoint. Empty: not known."""

    station: str
    country: str
    site: str
    at: float


@value
class Coming:
    """What is looked at of a login. station is a MAC address or empty, dot1x_at for logins by it."""

    station: str = ""
    country: str = ""
    site: str = ""
    wrong_tries: int = 0
    dot1x_at: float | None = None
    remembered: bool = False


def risk_of(coming: Coming, trail: Collection[Visit], now: float) -> Risk:
    """Return the risk of a login; trail has the newest visits of the person."""
    recent = [visit for visit in trail if 0 <= now - visit.at <= TRAIL_S]
    tests = {
        Sign.WRONG_TRIES: WRONG_TRIES <= coming.wrong_tries < MANY_WRONG_TRIES,
        Sign.MANY_WRONG_TRIES: coming.wrong_tries >= MANY_WRONG_TRIES,
        Sign.NEW_COUNTRY: _is_new_country(coming, recent, now),
        Sign.NEW_ENDPOINT: _is_new_endpoint(coming, recent),
        Sign.TRAVEL: any(_too_far(coming, visit, now) for visit in recent),
        Sign.MAC_AFTER_8021X: coming.dot1x_at is not None and 0 <= now - coming.dot1x_at <= DOT1X_S,
        Sign.REMEMBERED_PASSWORD: coming.remembered,
    }
    return of_signs(tuple(sign for sign, seen in tests.items() if seen))


def of_signs(signs: tuple[Sign, ...]) -> Risk:
    """Return the risk that signs come to."""
    points = sum(POINTS[sign] for sign in signs)
    return Risk(Level.LOW if points < 2 else Level.MEDIUM if points < 3 else Level.HIGH, signs)


@lru_cache(maxsize=1024)
def risk_kept(text: str) -> Risk | None:
    """Return the risk that a session has kept; None where it has kept none that we know."""
    level, *signs = text.split() or [""]
    if level not in set(Level):
        return None
    return Risk(Level(level), tuple(Sign(each) for each in signs if each in set(Sign)))


def _is_new_country(coming: Coming, recent: list[Visit], now: float) -> bool:
    countries = {visit.country for visit in recent if visit.country and now - visit.at <= COUNTRY_S}
    return bool(coming.country and countries) and coming.country not in countries


def _is_new_endpoint(coming: Coming, recent: list[Visit]) -> bool:
    stations = {visit.station for visit in recent if visit.station}
    return bool(coming.station and stations) and coming.station not in stations


def _too_far(coming: Coming, visit: Visit, now: float) -> bool:
    ago = now - visit.at
    abroad = bool(coming.country and visit.country) and coming.country != visit.country
    same = bool(coming.station) and coming.station == visit.station
    away = bool(coming.site and visit.site) and coming.site != visit.site
    return (abroad and ago < COUNTRIES_APART_S) or (same and away and ago < SITES_APART_S)

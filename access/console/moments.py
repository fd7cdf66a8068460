"""Times as people read them: in the installation's zone and the reader's language."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta

PATTERNS = {"ko": "y년 M월 d일 (E) aaaa h:mm", "en": "EEE d MMM y, HH:mm"}
SHORT = {"ko": "M/d aaaa h:mm", "en": "d MMM HH:mm"}
SHORT_OF_ANOTHER_YEAR = {"ko": "y/M/d aaaa h:mm", "en": "d MMM y HH:mm"}
JUST_NOW_S = 10.0
JUST_NOW = {"ko": "방금", "en": "just now"}
EXACT = {"ko": "y-MM-dd HH:mm:ss", "en": "y-MM-dd HH:mm:ss"}


def at(moment: float, zone: ZoneInfo) -> datetime:
    """The moment as an aware time; moment is in seconds since the epoch."""
    return datetime.fromtimestamp(moment, zone)


def read(text: str, zone: ZoneInfo) -> float | None:
    """The moment that a browser's field for times says, in a zone; None for what is none, or none there."""
    try:
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(zone).timestamp()
    except (ValueError, OverflowError):
        return None


def in_field(moment: float, zone: ZoneInfo) -> str:
    """The moment as a browser's field for times takes it, to the second: 2026-11-22T15:05:09."""
    return at(moment, zone).strftime("%Y-%m-%dT%H:%M:%S")


def spell(moment: float, zone: ZoneInfo, language: str) -> str:
    """2026년 11월 22일 (일) 오후 3:05 KST."""
    when = at(moment, zone)
    return f"{format_datetime(when, PATTERNS[language], locale=language)} {when.tzname()}"


def short(moment: float, now: float, zone: ZoneInfo, language: str) -> str:
    """11/22 오후 3:05, for tables; with its year where that is not the present one."""
    when = at(moment, zone)
    patterns = SHORT if when.year == at(now, zone).year else SHORT_OF_ANOTHER_YEAR
    return format_datetime(when, patterns[language], locale=language)


def zone_name(now: float, zone: ZoneInfo) -> str:
    """Asia/Seoul (KST)."""
    return f"{zone.key} ({at(now, zone).tzname()})"


def exact(moment: float, zone: ZoneInfo, language: str) -> str:
    """2026-11-22 15:05:09 KST, where seconds matter."""
    when = at(moment, zone)
    return f"{format_datetime(when, EXACT[language], locale=language)} {when.tzname()}"


def ago(moment: float, now: float, language: str) -> str:
    """3분 전, or 3분 후 for what is still to come; within seconds it is 방금."""
    if abs(moment - now) < JUST_NOW_S:
        return JUST_NOW[language]
    return format_timedelta(
        timedelta(seconds=moment - now), add_direction=True, locale=language, threshold=0.9
    )

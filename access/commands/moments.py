"""Moments as they are typed on the command line. ◆"""

from datetime import datetime
from zoneinfo import ZoneInfo

import click


class Moment(click.ParamType[datetime]):
    """A moment in ISO 8601: 2026-11-03, "2026-11-03 14:20", 2026-11-03T14:20:05+09:00."""

    name = "MOMENT"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the moment, without a zone where it has none."""
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(value.strip())
        except ValueError:
            self.fail(f"{value!r} is no moment: write it like 2026-11-03 or 2026-11-03T14:20", param, ctx)
        # At the edges of the calendar another zone's date is none.
        if not 1970 < moment.year < 9999:
            self.fail(f"{value!r} is out of range: from 1971 to 9998", param, ctx)
        return moment


def seconds(moment: datetime, zone: ZoneInfo) -> float:
    """A typed moment in seconds since the epoch; zone: of the installation, which it is in unless it says."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()

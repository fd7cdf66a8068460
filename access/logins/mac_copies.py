"""The other sign that a MAC address was copied: it is at two ports at once. ▸"""

from typing import Protocol

from access.logins.login_alarms import moment
from access.logins.network_session import NetworkSession
from access.logins.session_report import Record
from access.proof.network_password import spelt
from access.records.alarms import Alarm, AlarmKind

# A session that was heard of so lately is still there.
ALIVE_S = 900.0
# Where that was another company's, which has an alarm of its own.
ELSEWHERE = "another company"


class Stations(Protocol):
    """Where sessions are, and where alarms are kept."""

    def from_station(self, station: str) -> list[tuple[NetworkSession, str]]:
        """Return the live sessions of a Calling-Station-Id, each with the name of its NAS."""

    def raise_alarm(self, alarm: Alarm, at: float) -> bool:
        """Raise an alarm, and return whether it is a new one."""


def watch_for_copies(stations: Stations, record: Record) -> None:
    """Raise an alarm where the address of a MAB login has a session at another port that is still alive.

    Where the two are of two companies each is told, and not where that is at the other one.
    """
    here, at = (record["nas"], record["port"]), record["t"]
    for other, nas_name in stations.from_station(record["calling"]):
        if (other.nas_id, other.nas_port) == here:
            continue
        if other.seen_at is None or at - other.seen_at > ALIVE_S:
            continue
        came = (record.get("where", ""), at)
        heard = (f"{nas_name} {other.nas_port}".strip(), other.seen_at)
        mac, own = spelt(record["calling"]), record["organization"]
        for company in dict.fromkeys((own, other.organization_id)):
            mine = came if company == own else (ELSEWHERE, at)
            theirs = heard if company == other.organization_id else (ELSEWHERE, other.seen_at)
            note = f"logs in at {_said(*mine)}; heard of at {_said(*theirs)}"
            stations.raise_alarm(Alarm(AlarmKind.MAC_AT_TWO_PLACES, mac, note, company), at)


def _said(place: str, at: float) -> str:
    return f"{place}, {moment(at)}"

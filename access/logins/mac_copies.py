"""The other sign that a MAC address was copied: it is at two ports at once. ▸"""

from typing import Protocol

from access.logins.login_alarms import moment
from access.logins.network_session import NetworkSession
from access.logins.session_report import Record
from access.proof.network_password import spelt
from access.records.alarms import Alarm, AlarmKind

# A session that was heard of so lately is still there.
ALIVE_S = 900.0


class Stations(Protocol):
    """Where sessions are, and where alarms are kept."""

    def from_station(self, station: str) -> list[tuple[NetworkSession, str]]:
        """Return the live sessions of a Calling-Station-Id, each with the name of its NAS."""

    def raise_alarm(self, alarm: Alarm, at: float) -> bool:
        """Raise an alarm, and return whether it is a new one."""


def watch_for_copies(stations: Stations, record: Record) -> None:
    """Raise an alarm where the address of a MAB login has a session at another port that is still alive."""
    here, at = (record["nas"], record["port"]), record["t"]
    for other, nas_name in stations.from_station(record["calling"]):
        if (other.nas_id, other.nas_port) == here:
            continue
        if other.seen_at is None or at - other.seen_at > ALIVE_S:
            continue
        there = f"{nas_name} {other.nas_port}".strip()
        heard = f"heard of at {there}, {moment(other.seen_at)}"
        note = f"logs in at {record.get('where', '')}, {moment(at)}; {heard}"
        mac = spelt(record["calling"])
        stations.raise_alarm(Alarm(AlarmKind.MAC_AT_TWO_PLACES, mac, note, record["organization"]), at)

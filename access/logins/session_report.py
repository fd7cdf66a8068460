"""What a report of a NAS adds to what is known of a session: counters, names, where it is.

Reports come late, twice and out of order, each with the moment (`at`) at which it was true:

- A counter that is higher is taken, however old the report. One that is lower in a newer report has begun
  anew, at the NAS or at the next access point: what was counted before is kept and added to.
- A report by another Acct-Session-Id of the same Class is the session gone on at another access point
  (Acct-Multi-Session-Id). The newest says where the session is now.
- How long it goes between two reports is learnt from them, so that silence can be told.
"""

from collections.abc import Mapping
from typing import Any

from access.logins.network_session import End, NetworkSession, State, changed

Record = Mapping[str, Any]


def is_newer(known: NetworkSession, record: Record) -> bool:
    """Whether nothing newer has been reported of the session."""
    return known.seen_at is None or record["at"] >= known.seen_at


def counted(known: NetworkSession, record: Record) -> NetworkSession:
    """Return the session with its counters, and with what was not known of it yet."""
    newer = known.seen_at is None or record["at"] > known.seen_at
    now_in, now_out = record["octets"]
    octets_in, raw_in = _summed(known.octets_in, known.raw_octets_in, now_in, newer)
    octets_out, raw_out = _summed(known.octets_out, known.raw_octets_out, now_out, newer)
    return changed(
        known,
        acct_session_id=known.acct_session_id or record["session"],
        multi_session_id=known.multi_session_id or record.get("multi_session", ""),
        user_name=known.user_name or record["user_name"],
        calling_station=known.calling_station or record["calling"],
        called_station=known.called_station or record["called"],
        nas_port=known.nas_port or record["port"],
        nas_address=known.nas_address or record.get("source", ""),
        octets_in=octets_in,
        octets_out=octets_out,
        raw_octets_in=raw_in,
        raw_octets_out=raw_out,
        interim_s=_interval(known, record),
        seen_at=max(known.seen_at or record["at"], record["at"]),
        heard_at=max(known.heard_at or record["t"], record["t"]),
    )


def placed(known: NetworkSession, record: Record) -> NetworkSession:
    """Return the session where the newest report says that it is."""
    return changed(
        known,
        acct_session_id=record["session"],
        multi_session_id=record.get("multi_session", "") or known.multi_session_id,
        called_station=record["called"] or known.called_station,
        nas_port=record["port"] or known.nas_port,
        nas_address=record.get("source", "") or known.nas_address,
        nas_secret=record.get("secret", 0),
    )


def is_elsewhere(known: NetworkSession, record: Record) -> bool:
    """Whether a report is about a part of the session that another access point has."""
    return bool(known.acct_session_id) and record["session"] != known.acct_session_id


def goes_on(ended: NetworkSession, record: Record) -> bool:
    """Whether a session that one access point has stopped goes on at the next one.

    Never one that ended for another reason, or whose end was asked for: it would get back what it has lost.
    """
    return (
        ended.end_reason == End.STOPPED
        and not ended.disconnect
        and record["status"] in ("START", "INTERIM")
        and is_elsewhere(ended, record)
        and ended.multi_session_id != ""
        and record.get("multi_session", "") == ended.multi_session_id
        and record["at"] >= (ended.ended_at or 0.0)
        and (ended.valid_until is None or record["at"] < ended.valid_until)
    )


def is_silent(session: NetworkSession, now: float, listening_since: float, intervals: int) -> bool:
    """Whether a NAS that reported a session now and then has said nothing of it for so many intervals.

    Not while nobody was listening. A session that nothing was ever reported of after its Start is not silent.
    """
    if session.state is not State.LIVE or session.interim_s is None or session.heard_at is None:
        return False
    return now - max(session.heard_at, listening_since) > intervals * session.interim_s


def _summed(total: int, before: int, now: int, newer: bool) -> tuple[int, int]:
    """Return the sum of a counter and where it stands, after it stood at before."""
    if now < before:
        return (total + now, now) if newer else (total, before)
    return total - before + now, now


def _interval(known: NetworkSession, record: Record) -> float | None:
    if record["status"] != "INTERIM":
        return known.interim_s
    since = known.seen_at if known.seen_at is not None else record["at"] - record["used_s"]
    gap = float(record["at"] - since)
    if gap <= 0:
        return known.interim_s
    return max(known.interim_s or SHORTEST_INTERVAL_S, gap)


# Some NAS report more often than it means anything.
SHORTEST_INTERVAL_S = 60.0

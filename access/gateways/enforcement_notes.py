"""What the enforcer tells the audit: rights that were lost and why, gateways that do not confirm."""

from collections.abc import Collection, Mapping

from access.gateways.livesessions import HolderKind, LiveSession
from access.model import Decision, Reason
from access.records.alarms import LONGEST_SUBJECT, Alarm, AlarmKind
from access.records.audit import AuditEntry

KIND = "enforcement"
UNCONFIRMED = "UNCONFIRMED"


def ended(session: LiveSession, refusal: Decision, groups_left: Collection[str], now: float) -> AuditEntry:
    """A session must end: its door no longer opens. groups_left: the groups its holder has just left."""
    return _entry(
        session,
        {
            "what": "session.right-lost",
            "because": refusal.reason.value,
            "forbidden_by": list(refusal.forbids),
            "failed": [f"{each.rule}: {each.condition}" for each in refusal.failed],
            "groups_left": sorted(groups_left),
            "policy": refusal.revision,
            "standing": refusal.standing,
        },
        now,
    )


def conflicting(who: str, refusal: Decision, organization_id: int | None) -> Alarm | None:
    """The alarm about rules that together cannot be given to somebody who has a session, as at a login.

    Of rules that would have it in two zones clashing() tells. organization_id: who is told.
    """
    if refusal.reason is not Reason.POLICY_CONFLICT or refusal.clash:
        return None
    rules = ", ".join(refusal.permits) or f"session of {who}"
    note = f"{who} in an open session: they give different things; it was ended"
    return Alarm(AlarmKind.POLICY_CONFLICT, rules[:LONGEST_SUBJECT], note, organization_id)


def narrowed(
    session: LiveSession, lost: Collection[str], groups_left: Collection[str], revision: str, now: float
) -> AuditEntry:
    """A session goes on without some of what it could reach."""
    return _entry(
        session,
        {
            "what": "session.reach-lost",
            "objects": sorted(lost),
            "groups_left": sorted(groups_left),
            "policy": revision,
        },
        now,
    )


def moved(session: LiveSession, gifts: str, revision: str, now: float) -> AuditEntry:
    """A session should have been given something else than it was, and is asked to log in anew."""
    detail = {"what": "session.moved", "gives": gifts, "given": session.gifts, "policy": revision}
    return _entry(session, detail, now)


def clashing(
    session_id: int, who: str, clash: Collection[tuple[str, str]], organization_id: int | None
) -> Alarm:
    """A session would be in two zones, by these rules behind their zones. organization_id: who is told."""
    rules = ", ".join(f"{zone}: {rule}" for zone, rule in clash)
    note = f"{who}, session {session_id}: what would put it into a second zone is refused"
    return Alarm(AlarmKind.POLICY_CONFLICT, rules[:LONGEST_SUBJECT], note, organization_id)


def unconfirmed(gateway: str, now: float) -> AuditEntry:
    """A gateway has not confirmed in time what it was told."""
    return AuditEntry(KIND, now, UNCONFIRMED, detail={"what": "gateway.unconfirmed", "device": gateway})


def _entry(session: LiveSession, detail: Mapping[str, object], now: float) -> AuditEntry:
    user_id = session.holder.id if session.holder and session.holder.kind is HolderKind.USER else None
    return AuditEntry(
        kind=KIND,
        at=now,
        reason=Reason.RIGHT_LOST,
        organization_id=session.organization_id,
        user_id=user_id,
        session_id=session.id,
        detail=detail,
    )

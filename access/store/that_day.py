"""How it was at a moment of the past: who somebody was, the policy in force, and the login there was. ◆"""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from access.errors import Refused
from access.keys.sealing import Keyring
from access.model import Bilingual, Reason, User, Via
from access.people.past import Before, Gap
from access.policy.compiled import Policy
from access.policy.kept_texts import policy_of
from access.records.audit import AuditRecord
from access.store import past, policies
from access.store.database import Connection
from access.store.replaying import facts_kept
from access.store.standing_then import standing_between
from access.words.reasons import MEANINGS

# A login within this time of a moment is the one that is asked about.
SAME_LOGIN_S = 60.0
NO_LOGIN = Bilingual(
    ko="그 시각의 로그인 기록이 없어, 적어 주신 사실로 답합니다.",
    en="No login is recorded of that minute: the answer is from what was given.",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom somebody asks about now, by which door they came at which moment. zone: that of the clock."""

    whom: User
    via: Via
    moment: float
    now: float
    zone: tzinfo


def in_the_past(conn: Connection, keyring: Keyring, asked: Asked) -> Before:
    """Return how it was at a moment. Raises Refused where the person was not there."""
    moment = asked.moment
    then = past.changes_since(conn, moment, asked.now).as_of(asked.whom.id, moment)
    if then is None or then.user is None:
        raise Refused(Gap.NOT_THERE.value.en, Gap.NOT_THERE.value.ko)
    login = _login(conn, keyring, asked)
    policy, gaps = _policy(conn, keyring, moment, login)
    notes = [gap.value for gap in (*then.gaps, *gaps)]
    if login is None:
        return Before(then.user, policy, notes=(NO_LOGIN, *notes))
    facts = facts_kept(login)
    at = datetime.fromtimestamp(login.at, asked.zone).strftime("%Y-%m-%d %H:%M:%S")
    place = str((login.detail or {}).get("nas", ""))
    title = _title(login.reason)
    said = Bilingual(
        ko=f"{at} 로그인 기록: {place} {login.reason}{title.ko}",
        en=f"a login was recorded at {at}: {place} {login.reason}{title.en}",
    )
    if facts is None or facts.via != asked.via:
        return Before(then.user, policy, notes=(said, *notes))
    return Before(then.user, policy, login.at, facts, (said, *notes))


def _title(reason: str) -> Bilingual:
    """What a reason means, to stand behind it; nothing of one that there is no more."""
    if reason not in set(Reason):
        return Bilingual("", "")
    title = MEANINGS[Reason(reason)].title
    return Bilingual(f" ({title.ko})", f" ({title.en})")


def _policy(
    conn: Connection, keyring: Keyring, moment: float, login: AuditRecord | None
) -> tuple[Policy | None, list[Gap]]:
    """The policy that decided the login, else the one in force then with its wave, and what stood beside."""
    version = policies.version(conn, str((login.detail or {}).get("policy", ""))) if login else None
    wave = None
    if version is None:
        version, wave = past.policy_at(conn, moment), past.wave_at(conn, keyring, moment)
    if version is None:
        return None, [Gap.NO_VERSION]
    stood = standing_between(conn, moment, moment)
    policy = stood.beside(policy_of(version.document), moment)
    newer = policies.version(conn, wave[0]) if wave else None
    if wave and newer and newer.revision != version.revision:
        policy = policy.in_waves(policy_of(newer.document), wave[1])
    return policy, [Gap.STANDING] if stood.doubtful(moment) else []


def _login(conn: Connection, keyring: Keyring, asked: Asked) -> AuditRecord | None:
    """The login of that very second, else the last one of that minute or of the one before."""
    for later_s, earlier_s in ((1.0, 0.0), (SAME_LOGIN_S, SAME_LOGIN_S)):
        found = past.login_before(conn, keyring, asked.whom.id, asked.moment + later_s)
        if found is not None and found.at >= asked.moment - earlier_s:
            return found
    return None

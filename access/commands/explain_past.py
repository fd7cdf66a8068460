"""How it was at a moment of the past: who somebody was, the policy in force, and the login there was. ◆"""

from dataclasses import dataclass
from datetime import datetime

from access.app import App
from access.errors import Refused
from access.model import Bilingual, Facts, User, Via
from access.people.past import Gap
from access.policy.compiled import Policy, compile
from access.policy.document import load
from access.store import past
from access.store.database import Connection
from access.store.replaying import facts_kept

# A login within this time of a moment is the one that is asked about.
SAME_LOGIN_S = 60.0
NOBODY = User(0, "", "", "")
NO_LOGIN = Bilingual(
    ko="그 시각의 로그인 기록이 없어, 적어 주신 사실로 답합니다.",
    en="No login is recorded of that minute: the answer is from what was given.",
)


@dataclass(frozen=True, slots=True)
class Before:
    """A moment of the past: who somebody was, and the policy in force. notes: what is not certain.

    at and facts: of a login that was recorded then.
    """

    whom: User = NOBODY
    policy: Policy | None = None
    at: float | None = None
    facts: Facts | None = None
    notes: tuple[Bilingual, ...] = ()


PRESENT = Before()


def in_the_past(app: App, conn: Connection, whom: User, via: Via, moment: float) -> Before:
    """Return how it was at a moment. Raises Refused where the person was not there."""
    then = past.changes_since(conn, moment, app.clock()).as_of(whom.id, moment)
    if then is None or then.user is None:
        raise Refused(Gap.NOT_THERE.value.en)
    version = past.policy_at(conn, moment)
    policy = compile(load(version.document)) if version else None
    notes = [gap.value for gap in then.gaps] + ([] if version else [Gap.NO_VERSION.value])
    login = past.login_before(conn, app.keyring, whom.id, moment + SAME_LOGIN_S)
    if login is None or login.at < moment - SAME_LOGIN_S:
        return Before(then.user, policy, notes=(NO_LOGIN, *notes))
    facts = facts_kept(login)
    at = datetime.fromtimestamp(login.at, app.settings.time_zone).strftime("%Y-%m-%d %H:%M:%S")
    place = str((login.detail or {}).get("nas", ""))
    said = Bilingual(
        ko=f"{at} 로그인 기록: {place} {login.reason}",
        en=f"a login was recorded at {at}: {place} {login.reason}",
    )
    if facts is None or facts.via != via:
        return Before(then.user, policy, notes=(said, *notes))
    return Before(then.user, policy, login.at, facts, (said, *notes))

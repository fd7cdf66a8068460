"""What the owner of an account is told when something happens to it: never a secret, never a code.

A notice is written in the transaction of what it tells about, and delivered later (access.post.postman) by
whatever reaches the person: mail today. access.post.notice_words has the words of each kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Protocol

from access.model import Bilingual, Reason
from access.post.notice_words import MEANINGS, NoticeKind
from access.proof.identity_event import IdentityEvent, What

# The same thing again within this time is told once.
FOLD_S = 3600.0
# A notice that nobody could deliver for so long is given up.
GIVEN_UP_AFTER_S = 86400.0
FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 3600.0


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a person. at: when it happened, seconds since the epoch.

    detail: what the words speak of: place (where from), by (who did it), name (of a phone).
    """

    kind: NoticeKind
    user_id: int
    organization_id: int
    at: float
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a notice goes to. mail is as the directory has it, empty where it has none."""

    name: str
    mail: str
    language: str
    company: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent: one line, and plain text."""

    to: str
    subject: str
    text: str


class Messenger(Protocol):
    """Something that reaches people: mail, and what may follow."""

    def send(self, letter: Letter) -> None:
        """Hand the letter over. Raises NotTaken, Unavailable."""


class NotTaken(Exception):
    """The letter will never be taken: its address, or what it says, is refused for good."""


_OF_EVENTS: Mapping[What, NoticeKind] = {
    What.PROVEN: NoticeKind.PHONE_REGISTERED,
    What.REVOKED: NoticeKind.PHONE_REMOVED,
    What.INVITED: NoticeKind.REGISTRATION_INVITED,
    What.RECOVERY_RENEWED: NoticeKind.RECOVERY_RENEWED,
    What.UNLOCKED: NoticeKind.UNLOCKED,
    What.RESYNCED: NoticeKind.RESYNCED,
    What.LOST: NoticeKind.PHONE_LOST,
    What.FOUND: NoticeKind.PHONE_FOUND,
    What.VOUCHED: NoticeKind.VOUCHED_FOR,
    What.VOUCH_GIVEN: NoticeKind.VOUCH_GIVEN,
    What.PASS_ASKED: NoticeKind.PASS_ASKED,
    What.ACT_ASKED: NoticeKind.ACT_ASKED,
    What.BYPASS_ISSUED: NoticeKind.BYPASS_ISSUED,
    What.ASSIGNED: NoticeKind.TOKEN_ASSIGNED,
    What.NETWORK_PASSWORD_MADE: NoticeKind.NETWORK_PASSWORD_MADE,
    What.PASSKEY_REGISTERED: NoticeKind.PASSKEY_REGISTERED,
    What.PASSKEY_REVOKED: NoticeKind.PASSKEY_REMOVED,
}
# A password is checked first: whoever gets as far as a wrong code knew it.
_RIGHT_PASSWORD = frozenset({Reason.WRONG_CODE})
_SHOWN: Mapping[str, Bilingual] = {
    "at": Bilingual(ko="시각", en="When"),
    "name": Bilingual(ko="이름", en="Name"),
    "place": Bilingual(ko="장소", en="Where"),
    "by": Bilingual(ko="한 사람", en="By"),
    "why": Bilingual(ko="사유", en="Why"),
}
_PORTAL = Bilingual(ko="포털", en="Portal")
_GREETING = Bilingual(ko="{name} 님, 안녕하세요.", en="Hello {name},")


def of_event(event: IdentityEvent, organization_id: int | None) -> Notice | None:
    """Return what the owner is told of an event; None where it is nothing to them."""
    if event.user_id is None or organization_id is None:
        return None
    kind = _OF_EVENTS.get(event.what)
    if event.what is What.SIGN_IN_REFUSED and event.reason in _RIGHT_PASSWORD:
        kind = NoticeKind.CODE_WRONG
    if event.what is What.SIGN_IN_REFUSED and event.reason is Reason.PASSKEY_CLONED:
        kind = NoticeKind.PASSKEY_CLONED
    if kind is None:
        return None
    said = {"place": event.detail.get("address", "")} | dict(event.detail)
    detail = {key: value for key, value in said.items() if key in _SHOWN and value}
    return Notice(kind, event.user_id, organization_id, event.at, detail)


def of_refusal(record: Mapping[str, Any]) -> Notice | None:
    """Return what the owner is told of a refused login at a NAS, as the journal has it; None for most."""
    entry = record["entry"]
    if entry["reason"] not in _RIGHT_PASSWORD or entry["user"] is None:
        return None
    seen = entry["detail"]
    place = f"{seen.get('nas', '')} {seen.get('port', '')}".strip()
    detail = {"place": place} if place else {}
    return Notice(NoticeKind.CODE_WRONG, entry["user"], entry["organization"], record["t"], detail)


def letter(notice: Notice, to: Addressee, portal_url: str, zone: tzinfo) -> Letter:
    """Return the letter that tells a person, in their language."""
    words = MEANINGS[notice.kind]
    ko = to.language == "ko"
    when = datetime.fromtimestamp(notice.at, zone)
    shown = {"at": _spelt(when, ko)} | dict(notice.detail)
    lines = [
        _GREETING.to(to.language).format(name=to.name),
        "",
        words.told.to(to.language),
        "",
        *(f"{label.to(to.language)}: {shown[key]}" for key, label in _SHOWN.items() if shown.get(key)),
        "",
        words.todo.to(to.language),
        f"{_PORTAL.to(to.language)}: {portal_url}",
        "",
        to.company,
    ]
    return Letter(to.mail, f"[{to.company}] {words.subject.to(to.language)}", "\n".join(lines) + "\n")


def wait_s(failures: int) -> float:
    """Return how long to wait after so many failures to deliver."""
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * float(1 << min(failures - 1, 10)))


def _spelt(when: datetime, ko: bool) -> str:
    if not ko:
        return when.strftime("%Y-%m-%d %H:%M %Z")
    weekday = "월화수목금토일"[when.weekday()]
    half = "오전" if when.hour < 12 else "오후"
    hour = when.hour % 12 or 12
    return f"{when.year}년 {when.month}월 {when.day}일 ({weekday}) {half} {hour}:{when:%M} {when:%Z}"

"""What a person is told when something happens to what they sign in with, and how it reaches them. ▸

A notice never holds up what it tells of: where it cannot be sent, that is logged and goes on. The one
exception is a code by e-mail, which is worth nothing unless it is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import structlog

from access.errors import Unavailable
from access.model import Bilingual, User

LOG = structlog.get_logger()


class Notices(Protocol):
    """A way to people's mail boxes."""

    @property
    def ready(self) -> bool:
        """Whether there is such a way at all."""

    def send(self, to: str, subject: str, body: str) -> None:
        """Send one message, or hand it to whoever does. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class NoNotices:
    """An installation without a mail server."""

    ready: bool = False

    def send(self, to: str, subject: str, body: str) -> None:
        """Say that nothing can be sent."""
        raise Unavailable(f"no mail server is set up: {subject!r} was not sent to {to}, {len(body)} letters")


NO_NOTICES = NoNotices()


class Notice(StrEnum):
    """What people are told of; MESSAGES has the words."""

    MAILED_CODE = "mailed-code"
    BYPASS_ISSUED = "bypass-issued"
    TOKEN_ASSIGNED = "token-assigned"  # noqa: S105 - a notice
    PHONE_PROVEN = "phone-proven"
    PHONES_REVOKED = "phones-revoked"
    PASSWORD_KNOWN = "password-known"  # noqa: S105 - a notice


@dataclass(frozen=True, slots=True)
class Message:
    """One row of MESSAGES; names in braces are filled in."""

    subject: Bilingual
    body: Bilingual


NOT_YOU = Bilingual(
    ko="본인이 한 일이 아니면 바로 헬프데스크에 알려 주세요.",
    en="If this was not you, tell the helpdesk at once.",
)
MESSAGES: Mapping[Notice, Message] = {
    Notice.MAILED_CODE: Message(
        Bilingual(ko="로그인 번호", en="Your code to sign in"),
        Bilingual(
            ko="로그인 화면에 이 번호를 입력해 주세요: {code}\n10분 동안 한 번만 쓸 수 있습니다. "
            "누구에게도 알려 주지 마세요. 로그인하지 않으셨다면 누군가 비밀번호를 아는 것입니다. "
            "비밀번호를 바꾸고 헬프데스크에 알려 주세요.",
            en="Enter this code on the sign-in page: {code}\nIt works once, for ten minutes. Tell it to "
            "nobody. If you are not signing in, somebody knows your password: change it, and tell the "
            "helpdesk.",
        ),
    ),
    Notice.BYPASS_ISSUED: Message(
        Bilingual(ko="임시 번호가 만들어졌습니다", en="A bypass code was made for you"),
        Bilingual(
            ko="{by} 님이 휴대폰 대신 쓸 임시 번호를 만들었습니다. {until}까지 {uses}번 쓸 수 있습니다.",
            en="{by} made a code that stands in for your phone, until {until}, {uses} times.",
        ),
    ),
    Notice.TOKEN_ASSIGNED: Message(
        Bilingual(ko="인증 장치가 등록되었습니다", en="A hardware authenticator is yours"),
        Bilingual(
            ko="{by} 님이 번호가 {serial}인 인증 장치를 회원님 이름으로 등록했습니다.",
            en="{by} registered the hardware authenticator {serial} in your name.",
        ),
    ),
    Notice.PHONE_PROVEN: Message(
        Bilingual(ko="새 휴대폰이 등록되었습니다", en="A new phone is registered"),
        Bilingual(
            ko="회원님 이름으로 인증 앱이 새로 등록되었습니다. 로그인한 곳: {place}",
            en="An authenticator app was registered in your name, from {place}.",
        ),
    ),
    Notice.PHONES_REVOKED: Message(
        Bilingual(ko="등록한 휴대폰이 해제되었습니다", en="A phone of yours is removed"),
        Bilingual(
            ko="{by} 님이 등록한 휴대폰을 해제했습니다. 그 휴대폰의 번호는 이제 쓸 수 없습니다.",
            en="{by} removed a phone of yours. Its codes do not count any more.",
        ),
    ),
    Notice.PASSWORD_KNOWN: Message(
        Bilingual(
            ko="비밀번호는 맞고 인증번호가 틀린 로그인이 있었습니다",
            en="A login had your right password and a wrong code",
        ),
        Bilingual(
            ko="{place}에서 회원님의 비밀번호를 바르게 입력하고 인증번호를 틀린 로그인이 있었습니다. "
            "회원님이 아니라면 누군가 비밀번호를 아는 것입니다. 지금 바꿔 주세요.",
            en="Somebody typed your right password and a wrong code at {place}. If it was not you, somebody "
            "knows your password: change it now.",
        ),
    ),
}


def message(notice: Notice, language: str, words: Mapping[str, str]) -> tuple[str, str]:
    """Return subject and body in a language."""
    found = MESSAGES[notice]
    body = found.body.to(language).format(**words)
    ending = "" if notice in (Notice.MAILED_CODE, Notice.PASSWORD_KNOWN) else "\n" + NOT_YOU.to(language)
    return found.subject.to(language), body + ending


def tell(notices: Notices, user: User, notice: Notice, words: Mapping[str, str]) -> bool:
    """Tell somebody; return whether it is on its way."""
    if not notices.ready or not user.mail:
        return False
    try:
        notices.send(user.mail, *message(notice, user.language, words))
    except Unavailable as error:
        LOG.warning("somebody was not told", user=user.name, notice=notice.value, why=str(error))
        return False
    return True

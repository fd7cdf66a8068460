"""A code by e-mail for somebody at the sign-in page who has neither phone nor recovery codes to hand. ▸

The last resort, and a weak one: whoever has the password of somebody may read their mail with it. So a
company has to allow it, it is sent only to somebody who could sign in otherwise and typed the right password,
it counts at the portal alone, and it opens neither the console nor any change of what one signs in with.
"""

from dataclasses import dataclass
from typing import Protocol

import structlog

from access.errors import Unavailable
from access.model import Bilingual, Reason, User, Via
from access.post.notices import Notices
from access.proof.authentication import CodePorts, Refusal
from access.proof.factors import Purpose
from access.proof.identity_event import IdentityEvent, What
from access.proof.signin import Due, Visitor
from otp import mailed
from otp.issued import IssuedCode
from otp.throttle import NO_FAILURES

LOG = structlog.get_logger()

SUBJECT = Bilingual(ko="로그인 번호", en="Your code to sign in")
BODY = Bilingual(
    ko="로그인 화면에 이 번호를 입력해 주세요: {code}\n10분 동안 한 번만 쓸 수 있습니다. "
    "누구에게도 알려 주지 마세요.\n로그인하려던 것이 아니면 누군가 비밀번호를 아는 것입니다. "
    "지금 비밀번호를 바꾸고 헬프데스크에 알려 주세요.\n",
    en="Enter this code on the sign-in page: {code}\nIt works once, for ten minutes. Tell it to nobody.\nIf "
    "you are not signing in, somebody knows your password: change it now, and tell the helpdesk.\n",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A code is on its way. to is the address with most of it hidden."""

    to: str


class MailedCodePorts(CodePorts, Protocol):
    """What sending a code needs of the world. Any of it may raise Unavailable."""

    @property
    def notices(self) -> Notices: ...

    def random(self, octets: int) -> bytes: ...
    def mails_codes(self, user: User) -> bool:
        """Return whether the user's company lets codes go by e-mail."""

    def mailed_at(self, user_id: int) -> tuple[float, ...]: ...
    def add_mailed(self, user_id: int, made: IssuedCode, event: IdentityEvent) -> bool:
        """Make this the user's code; return False, nothing written, where one was sent too lately."""


def offered(ports: MailedCodePorts, user: User) -> bool:
    """Return whether a page may offer to send a code."""
    return ports.notices.ready and bool(user.mail) and ports.mails_codes(user)


def send_code(ports: MailedCodePorts, visitor: Visitor, now: float) -> Sent | Refusal:
    """Send a code to somebody whose password was right; an older one is worth nothing from then on."""
    user = visitor.user
    if visitor.due is not Due.CODE or not offered(ports, user):
        return Refusal(Reason.MAIL_UNAVAILABLE)
    wait_s = mailed.wait_s(ports.mailed_at(user.id), now)
    if wait_s > 0:
        return Refusal(Reason.CODE_THROTTLED, wait_s)
    before = (each for each in ports.issued_codes(user.id) if each.purpose is Purpose.E_MAIL)
    throttle = next((each.issued.throttle for each in before), NO_FAILURES)
    doors = frozenset({Via.PORTAL.value})
    code, made = mailed.issue(ports.random, ports.code_key(), doors, throttle, now)
    detail = {"address": visitor.session.address}
    event = IdentityEvent(What.CODE_MAILED, now, user.id, None, user.organization, detail)
    if not ports.add_mailed(user.id, made, event):
        return Refusal(Reason.CODE_THROTTLED, mailed.GAP_S)
    try:
        body = BODY.to(user.language).format(code=code)
        ports.notices.send(user.mail, SUBJECT.to(user.language), body)
    except Unavailable as error:
        LOG.warning("a code was not mailed", user=user.name, why=str(error))
        return Refusal(Reason.MAIL_UNAVAILABLE)
    return Sent(hidden(user.mail))


def hidden(address: str) -> str:
    """Return an address by which its owner knows it and nobody else learns it: m***@hangang.example."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}"

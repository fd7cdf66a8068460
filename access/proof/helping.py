"""A limited pass for somebody who calls: asked for by the helpdesk, and never seen by it. ▸

Whoever helps proves that they know who calls, by the steps their company demands, each ticked and recorded.
What they then give is a code that goes to the person's own channel: the address in the directory, or a
colleague whom the portal shows it to, and who hands it over in person. It is made at that moment, not before,
so there is nothing to read for the helper, in no page and no table. For somebody with a right above an
employee's it takes two administrators, within an hour. A registration code for somebody who is linked to an
account of another company registers a phone that counts there as well: the second has to be of that company.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from access.errors import Refused, Unavailable
from access.model import Bilingual, Reason, Role, User
from access.people.privilege import PrivilegePorts, beyond, is_privileged, is_same_person, still_has
from access.post.notices import Notices
from access.proof.authentication import Refusal
from access.proof.identity_event import IdentityEvent, What
from access.proof.signin import Visitor, by_own_password
from access.proof.token_desk import Helper
from access.proof.web_session import SessionState
from otp import bypass, registration
from otp.issued import IssuedCode
from otp.registration import Invitation

# How long a second helper may agree, and how long after being asked for a pass may be handed over.
PASS_S = 3600.0


class Scope(StrEnum):
    """What a pass is good for."""

    BYPASS = "bypass"
    REGISTRATION = "registration"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a helper asks for. proofs are the steps they took; colleague hands it over, empty: by mail."""

    scope: Scope
    limits: bypass.Limits
    proofs: Collection[str] = ()
    colleague: str = ""


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass that was asked for. It may be handed over, once, before valid_until and with all who must agree.

    colleague_id is who hands it over, None: it goes by mail. second_id is who has agreed.
    """

    user_id: int
    scope: Scope
    limits: bypass.Limits
    asked_by_id: int
    asked_by: str
    at: float
    needs_second: bool = False
    colleague_id: int | None = None
    second_id: int | None = None
    second_by: str = ""
    id: int = 0

    @property
    def valid_until(self) -> float:
        """When nothing comes of it any more."""
        return self.at + PASS_S

    @property
    def agreed(self) -> bool:
        """Whether all agree who have to."""
        return self.second_id is not None or not self.needs_second

    @property
    def helpers(self) -> str:
        """Who is answerable for it."""
        return f"{self.asked_by}, {self.second_by}" if self.second_by else self.asked_by


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The code of a pass, for whoever hands it over; it is shown this once."""

    code: str = field(repr=False)
    scope: Scope
    valid_until: float


class PassPorts(PrivilegePorts, Protocol):
    """What passes need of the world. Any of it may raise Unavailable."""

    @property
    def notices(self) -> Notices: ...

    def record(self, event: IdentityEvent) -> None: ...
    def random(self, octets: int) -> bytes: ...
    def code_key(self, key_id: str | None = None) -> bytes: ...
    def person(self, user_id: int) -> User | None: ...
    def colleague(self, user: User, name: str) -> User | None:
        """Return somebody of the user's company by name, who has a phone."""

    def demanded_proofs(self, user: User) -> Sequence[str]:
        """Return the steps by which the user's company wants somebody who calls to be recognised."""

    def add_pass(self, asked: Pass, event: IdentityEvent) -> Pass: ...
    def open_pass(self, pass_id: int, now: float) -> Pass | None: ...
    def passes_to_hand_over(self, colleague_id: int, now: float) -> Sequence[tuple[Pass, User]]: ...
    def agree_to_pass(self, agreed: Pass, event: IdentityEvent) -> bool:
        """Write down who agrees; return False where somebody has, or where it is over."""

    def issue_pass(self, given: Pass, made: IssuedCode | Invitation, event: IdentityEvent) -> bool:
        """Make this the user's code; return False, nothing written, where the pass is spent or over."""


def may_ask(ports: PassPorts, helper: Helper, user: User) -> bool:
    """Return whether a helper may ask for a pass for user; nobody does it for themselves."""
    wanted = {Role.ADMIN} if is_privileged(ports, user) else {Role.ADMIN, Role.HELPDESK}
    asks_for_another = helper.id != 0 and not is_same_person(ports, helper.id, user.id)
    return bool(wanted & helper.roles) and asks_for_another


def ask(ports: PassPorts, helper: Helper, user: User, asked: Asked, now: float) -> Pass | Refusal:
    """Return the pass that was asked for; where it goes by mail and nobody else has to agree, it is sent.

    Raises Refused where the helper may not, left out a step, or named nobody who could hand it over.
    """
    _check(ports, helper, user)
    if not user.enabled:
        return Refusal(Reason.USER_DISABLED)
    left_out = [step for step in ports.demanded_proofs(user) if step not in asked.proofs]
    if left_out:
        raise Refused(
            f"First make sure who it is: {', '.join(left_out)}.",
            f"먼저 본인인지 확인해 주십시오: {', '.join(left_out)}.",
        )
    colleague = _hander(ports, helper, user, asked.colleague)
    elsewhere = _also_for(ports, user, asked.scope)
    given = Pass(
        user_id=user.id,
        scope=asked.scope,
        limits=asked.limits,
        asked_by_id=helper.id,
        asked_by=helper.name,
        at=now,
        needs_second=is_privileged(ports, user) or elsewhere is not None,
        colleague_id=colleague.id if colleague else None,
    )
    detail = {"scope": asked.scope.value, "to": colleague.name if colleague else "mail"}
    detail["proofs"] = "; ".join(asked.proofs)
    stored = ports.add_pass(given, _event(What.PASS_ASKED, user, helper.name, now, detail))
    return _send_if_due(ports, stored, user, now)


def agree(ports: PassPorts, helper: Helper, pass_id: int, now: float) -> Pass | Refusal:
    """Return the pass that a second helper agrees to; where it goes by mail, it is sent.

    Raises Refused where the helper may not, or is the one who asked.
    """
    known = ports.open_pass(pass_id, now)
    user = ports.person(known.user_id) if known is not None else None
    if known is None or user is None or known.agreed:
        return Refusal(Reason.CONVERSATION_EXPIRED)
    _check(ports, helper, user)
    before = (known.asked_by_id, known.colleague_id)
    if any(other is not None and is_same_person(ports, helper.id, other) for other in before):
        raise Refused(
            "Somebody else has to agree.",
            "요청한 사람과 전달할 사람이 아닌 다른 관리자가 동의해야 합니다.",
        )
    if not still_has(ports, ports.person(known.asked_by_id), {Role.ADMIN, Role.HELPDESK}):
        return Refusal(Reason.CONVERSATION_EXPIRED)
    by = _agrees_as(ports, helper, user, known)
    agreed = replace(known, second_id=helper.id, second_by=by)
    event = _event(What.PASS_AGREED, user, by, now, {"scope": known.scope.value})
    if not ports.agree_to_pass(agreed, event):
        return Refusal(Reason.CONVERSATION_EXPIRED)
    elsewhere = _also_for(ports, user, known.scope)
    if elsewhere is not None:
        # Each company reads of its own people, and the one whose helper agreed of who that was.
        ports.record(_event(What.PASS_AGREED, elsewhere, helper.name, now, {"scope": known.scope.value}))
    return _send_if_due(ports, agreed, user, now)


def collect(ports: PassPorts, visitor: Visitor, pass_id: int, now: float) -> HandedOver | Refusal:
    """Return the code of a pass to the colleague who hands it over, this once."""
    if visitor.session.state is not SessionState.SIGNED_IN or not visitor.session.fresh(now):
        return Refusal(Reason.CODE_MISSING)
    by_own_password(visitor)
    known = ports.open_pass(pass_id, now)
    user = ports.person(known.user_id) if known is not None else None
    if known is None or user is None or known.colleague_id != visitor.user.id or not known.agreed:
        return Refusal(Reason.CONVERSATION_EXPIRED)
    return _issue(ports, known, user, visitor.user.name, now)


def _also_for(ports: PassPorts, user: User, scope: Scope) -> User | None:
    """Return for which other account a phone counts that a pass registers. Raises Refused for several."""
    found = beyond(ports, user) if scope is Scope.REGISTRATION else ()
    if len(found) > 1:
        raise Refused(
            "Phones of this person count at more than one other company, and each would have to agree: cut "
            "the links first, or use officegate otp invite.",
            "이 사람의 휴대폰은 다른 회사 여러 곳에서 쓰입니다. 먼저 연결을 끊거나 officegate otp invite를 "
            "사용하십시오.",
        )
    return found[0] if found else None


def _agrees_as(ports: PassPorts, helper: Helper, user: User, known: Pass) -> str:
    """Return how the company of user reads of who agrees. Raises Refused where another company has to."""
    elsewhere, own = _also_for(ports, user, known.scope), ports.person(helper.id)
    wanted = user.organization if elsewhere is None else elsewhere.organization
    if own is None or own.organization != wanted:
        raise Refused(
            f"A phone that is registered with it counts at {wanted} as well: somebody of the helpdesk there "
            "has to agree."
            if elsewhere is not None
            else f"Somebody of {wanted} has to agree.",
            f"이 코드로 등록한 휴대폰은 {wanted}에서도 쓰입니다. {wanted}의 헬프데스크가 동의해야 합니다."
            if elsewhere is not None
            else f"{wanted}의 담당자가 동의해야 합니다.",
        )
    return helper.name if elsewhere is None else f"the helpdesk of {wanted}"


def _check(ports: PassPorts, helper: Helper, user: User) -> None:
    if not may_ask(ports, helper, user):
        raise Refused(
            "For yourself somebody else has to ask, and for somebody who runs the house it takes "
            "administrators.",
            "본인을 위해서는 다른 사람이 요청해야 하고, 관리 권한이 있는 사람에게는 관리자만 할 수 있습니다.",
        )


def _hander(ports: PassPorts, helper: Helper, user: User, name: str) -> User | None:
    """Return who hands a pass over; None where it goes by mail. Raises Refused."""
    if not name.strip():
        if not (ports.notices.ready and user.mail):
            raise Refused(
                "There is no way to their mail: name a colleague who hands the code over.",
                "메일로 보낼 수 없습니다. 번호를 전달할 동료를 지정해 주십시오.",
            )
        return None
    found = ports.colleague(user, name.strip())
    known = (user.id, helper.id)
    if found is None or any(is_same_person(ports, found.id, other) for other in known):
        raise Refused(
            f"{name[:80]} cannot hand it over: it takes a colleague of theirs with a phone, and not you.",
            f"{name[:80]} 님은 전달할 수 없습니다. 휴대폰을 등록한 같은 회사 동료를 지정해 주십시오. "
            "요청하는 사람 자신은 안 됩니다.",
        )
    return found


def _send_if_due(ports: PassPorts, given: Pass, user: User, now: float) -> Pass | Refusal:
    if given.colleague_id is not None or not given.agreed:
        return given
    made = _issue(ports, given, user, "mail", now)
    if isinstance(made, Refusal):
        return made
    try:
        body = BODIES[made.scope].to(user.language).format(code=made.code)
        ports.notices.send(user.mail, SUBJECT.to(user.language), body)
    except Unavailable:
        return Refusal(Reason.MAIL_UNAVAILABLE)
    return given


def _issue(ports: PassPorts, given: Pass, user: User, to: str, now: float) -> HandedOver | Refusal:
    """Make the code of a pass and have it stored, once."""
    if _also_for(ports, user, given.scope) is not None and given.second_id is None:
        # Linked since it was asked for.
        return Refusal(Reason.CONVERSATION_EXPIRED)
    made: IssuedCode | Invitation
    if given.scope is Scope.BYPASS:
        what = What.BYPASS_ISSUED
        code, made = bypass.issue(ports.random, ports.code_key(), given.limits, now)
    else:
        what = What.INVITED
        lifetime_s = given.limits.hours * 3600
        code, made = registration.invite(ports.random, ports.code_key(), now, lifetime_s)
    doors = " ".join(sorted(given.limits.doors)) or "everywhere"
    detail = {"hours": f"{given.limits.hours:g}", "uses": str(given.limits.uses), "via": doors, "to": to}
    if given.scope is Scope.REGISTRATION:
        detail = {"hours": f"{given.limits.hours:g}", "to": to}
    if not ports.issue_pass(given, made, _event(what, user, given.helpers, now, detail)):
        return Refusal(Reason.CONVERSATION_EXPIRED)
    return HandedOver(code, given.scope, made.expires_at)


def _event(what: What, user: User, by: str, now: float, more: Mapping[str, str]) -> IdentityEvent:
    return IdentityEvent(what, now, user.id, None, user.organization, {"by": by, **more})


SUBJECT = Bilingual(ko="헬프데스크에서 보낸 번호", en="A code from your helpdesk")
_TAIL = Bilingual(
    ko="누구에게도 알려 주지 마세요. 헬프데스크도 이 번호를 묻지 않습니다.\n"
    "요청한 적이 없으면 바로 헬프데스크에 알려 주세요.\n",
    en="Tell it to nobody; the helpdesk never asks for it.\nIf you did not ask for it, tell the helpdesk at "
    "once.\n",
)
BODIES: Mapping[Scope, Bilingual] = {
    Scope.BYPASS: Bilingual(
        ko=f"휴대폰의 인증 번호 대신 이 임시 번호를 입력해 주세요: {{code}}\n{_TAIL.ko}",
        en=f"Enter this code in place of your phone's: {{code}}\n{_TAIL.en}",
    ),
    Scope.REGISTRATION: Bilingual(
        ko=f"포털에 로그인한 뒤 이 등록 코드를 입력해 주세요: {{code}}\n{_TAIL.ko}",
        en=f"Sign in to the portal and enter this registration code: {{code}}\n{_TAIL.en}",
    ),
}

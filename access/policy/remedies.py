"""What would help somebody refused: the remedies, their sentences, and which failure calls for which."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from access.model import Bilingual, Via
from access.policy.conditions import Held, Truth
from access.policy.vocabulary import Condition, Rule


class RemedyKind(Enum):
    """Each with its sentence; {0} is the remedy's argument, {at} its moment."""

    ENTER_CODE = Bilingual(
        ko="인증 앱에 보이는 새 인증 번호를 입력해 주세요.",
        en="Enter a new code from the authenticator app.",
    )
    CONNECT_BY = Bilingual(ko="다음 방법으로 접속해 주세요: {0}.", en="Connect by {0}.")
    LOG_IN_WITH = Bilingual(ko="다음 인증 방식으로 로그인해 주세요: {0}.", en="Log in with the method {0}.")
    COME_TO = Bilingual(ko="다음 장소에서 접속해 주세요: {0}.", en="Connect at the site {0}.")
    USE_DEVICE = Bilingual(
        ko="다음 장비 그룹을 통해 접속해 주세요: {0}.", en="Connect through a device of the group {0}."
    )
    JOIN = Bilingual(ko="다음 Wi-Fi에 연결해 주세요: {0}.", en="Join the Wi-Fi {0}.")
    USE_MEDIUM = Bilingual(
        ko="다음 연결로 접속해 주세요: {0}(wired 유선, wireless 무선).", en="Use this kind of link: {0}."
    )
    USE_CERTIFICATE = Bilingual(
        ko="다음 종류의 인증서로 로그인해 주세요: {0}.", en="Log in with a certificate of this kind: {0}."
    )
    WAIT_UNTIL = Bilingual(ko="{at}까지 기다려 주세요.", en="Wait until {at}.")
    ASK_FOR_GROUP = Bilingual(
        ko="다음 그룹에 넣어 달라고 관리자에게 요청해 주세요: {0}.",
        en="Ask an administrator for membership of the group {0}.",
    )
    ASK_FOR_RULE = Bilingual(
        ko="다음 규칙을 본인에게도 적용해 달라고 관리자에게 요청해 주세요: {0}.",
        en="Ask an administrator to let the rule {0} apply to you.",
    )
    ASK_FOR_ACCESS = Bilingual(
        ko="허용하는 규칙이 아직 없습니다. 관리자에게 다음 권한을 요청해 주세요: {0}.",
        en="No rule permits it to anybody yet. Ask an administrator for {0}.",
    )
    ASK_FOR_CONSENT = Bilingual(
        ko="다음 회사의 허용도 필요합니다. 그 회사의 관리자에게 요청해 주세요: {0}.",
        en="The organization {0} has to permit it, too: ask an administrator there.",
    )
    ASK_ABOUT_RULE = Bilingual(
        ko="금지 규칙이 맞지 않다고 생각하시면 관리자에게 문의해 주세요: {0}.",
        en="If the rule {0} should not stop you, ask an administrator.",
    )
    REPORT_FACT = Bilingual(
        ko="접속 정보 중 다음 항목을 확인할 수 없었습니다. 헬프데스크에 알려 주세요: {0}.",
        en="The fact {0} could not be found out: tell the helpdesk.",
    )


DOORS: Mapping[Via, Bilingual] = {
    Via.VPN: Bilingual(ko="VPN", en="VPN"),
    Via.WIRED: Bilingual(ko="유선", en="wire"),
    Via.WIRELESS: Bilingual(ko="무선(Wi-Fi)", en="Wi-Fi"),
    Via.PORTAL: Bilingual(ko="포털", en="the portal"),
    Via.DEVICE: Bilingual(ko="장비 관리 로그인", en="the login of a device"),
}


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing to do. arguments are the names it speaks of; at is seconds since the epoch."""

    kind: RemedyKind
    arguments: tuple[str, ...] = ()
    at: float | None = None


def remedy_for(rule: Rule, condition: Condition, held: Held) -> Remedy:
    """What would let a condition of a permit hold."""
    return REMEDIES[condition.name](rule, condition, held)


def _choose(kind: RemedyKind) -> Callable[[Rule, Condition, Held], Remedy]:
    return lambda _rule, condition, _held: Remedy(kind, tuple(sorted(condition.argument)))


def _report_or(kind: RemedyKind) -> Callable[[Rule, Condition, Held], Remedy]:
    """Nobody can be asked to change what is not even known: that is for the helpdesk."""

    def choose(rule: Rule, condition: Condition, held: Held) -> Remedy:
        if held.truth is Truth.UNKNOWN:
            return Remedy(RemedyKind.REPORT_FACT, (condition.name,))
        return _choose(kind)(rule, condition, held)

    return choose


def _wait(rule: Rule, _condition: Condition, held: Held) -> Remedy:
    if held.next_flip is None:
        return Remedy(RemedyKind.ASK_FOR_RULE, (rule.id,))
    return Remedy(RemedyKind.WAIT_UNTIL, at=held.next_flip)


REMEDIES: Mapping[str, Callable[[Rule, Condition, Held], Remedy]] = {
    "via": _choose(RemedyKind.CONNECT_BY),
    "method": _report_or(RemedyKind.LOG_IN_WITH),
    "site": _report_or(RemedyKind.COME_TO),
    "nas_group": _report_or(RemedyKind.USE_DEVICE),
    "ssid": _report_or(RemedyKind.JOIN),
    "medium": _report_or(RemedyKind.USE_MEDIUM),
    "certificate": _report_or(RemedyKind.USE_CERTIFICATE),
    "hours": _wait,
    "otp_age": lambda _rule, _condition, _held: Remedy(RemedyKind.ENTER_CODE),
    "valid": _wait,
}

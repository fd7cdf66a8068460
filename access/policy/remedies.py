"""What would help somebody refused: the remedies, their sentences, and which failure calls for which."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from access.logins.risk import Level
from access.model import Bilingual, Certified, Medium, Method, Via
from access.nas.endpoint_standing import Standing
from access.policy.conditions import Held, Truth
from access.policy.vocabulary import Condition, Rule
from access.policy.words import (
    ASSURANCES,
    CALLED,
    CERTIFICATES,
    DOORS,
    FACTORS,
    LEVELS,
    MEDIA,
    METHODS,
    in_units,
)
from access.proof.factors import Factor, Origin


class RemedyKind(Enum):
    """Each with its sentence; {0} is the remedy's argument, {at} its moment."""

    ENTER_CODE = Bilingual(
        ko="인증 앱에 보이는 새 인증 번호를 입력해 주세요.",
        en="Enter a new code from the authenticator app.",
    )
    CONNECT_BY = Bilingual(ko="다음 방법으로 접속해 주세요: {0}.", en="Connect by {0}.")
    LOG_IN_WITH = Bilingual(
        ko="다음 인증 방식으로 로그인해 주세요. Wi-Fi와 유선에서는 기기의 네트워크 설정에서 고릅니다: {0}.",
        en="Log in with the method {0}; for Wi-Fi and wire it is chosen in the network settings of the "
        "device.",
    )
    PROVE_WHO = Bilingual(
        ko="긴급 개방으로 본인 확인 없이 접속했습니다. 비밀번호와 인증 번호로 다시 로그인해 주세요.",
        en="An opened office let you in without proof: log in again with your password and a code.",
    )
    COME_TO = Bilingual(ko="다음 장소에서 접속해 주세요: {0}.", en="Connect at the site {0}.")
    USE_DEVICE = Bilingual(
        ko="다음 장비 그룹을 통해 접속해 주세요: {0}.", en="Connect through a device of the group {0}."
    )
    JOIN = Bilingual(ko="다음 Wi-Fi에 연결해 주세요: {0}.", en="Join the Wi-Fi {0}.")
    USE_MEDIUM = Bilingual(ko="다음 연결로 접속해 주세요: {0}.", en="Connect by {0}.")
    USE_CERTIFICATE = Bilingual(
        ko="다음 종류의 인증서로 로그인해 주세요: {0}.", en="Log in with a certificate {0}."
    )
    USE_FACTOR = Bilingual(
        ko="다음 인증 수단으로 다시 로그인해 주세요: {0}.", en="Log in again with one of these: {0}."
    )
    REGISTER_ANEW = Bilingual(
        ko="휴대폰을 다음 방법으로 다시 등록해야 합니다. 헬프데스크에 문의해 주세요: {0}.",
        en="Your phone has to be registered anew, ask the helpdesk. Phones count that were registered {0}.",
    )
    COME_FROM = Bilingual(
        ko="다음 네트워크에서 접속해 주세요: {0}.", en="Connect from one of these networks: {0}."
    )
    BE_IN = Bilingual(ko="다음 국가에서 접속해 주세요: {0}.", en="Connect from one of these countries: {0}.")
    REGISTER_ENDPOINT = Bilingual(
        ko="지금 쓰는 기기를 본인 앞으로 등록해 달라고 헬프데스크에 요청해 주세요.",
        en="Have this laptop or phone registered to you: ask the helpdesk.",
    )
    ASK_FOR_CERTIFICATE = Bilingual(
        ko="포털의 인증서 메뉴에서 인증서를 받아 그 인증서로 로그인해 주세요.",
        en="Ask for a certificate on the portal, and log in with it.",
    )
    USE_MANAGED = Bilingual(
        ko="회사가 관리하는 기기로 접속해 주세요.", en="Use a device that the company manages."
    )
    LOWER_RISK = Bilingual(
        ko="평소 쓰던 기기로, 사내 Wi-Fi나 유선에 연결해 다시 로그인해 주세요. 위험도 {0}에서 허용됩니다.",
        en="Connect to the office Wi-Fi with your usual device and log in again: the risk may be {0}.",
    )
    CLOSE_SESSION = Bilingual(
        ko="다른 접속을 하나 끊어 주세요. 포털의 내 접속에서 끊을 수 있습니다. 동시에 최대 {0}대입니다.",
        en="Close one of your sessions, on the portal for example: at most {0} at once.",
    )
    USE_ENDPOINT = Bilingual(
        ko="다음 단말에서 접속해 주세요: {0}.", en="Connect from the endpoint with the address {0}."
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
    ASK_TO_PROLONG = Bilingual(
        ko="다음 규칙의 기간이 끝났습니다. 연장해 달라고 관리자에게 요청해 주세요: {0}.",
        en="The rule {0} has ended: ask an administrator to prolong it.",
    )
    ASK_TO_PREFER = Bilingual(
        ko="규칙들이 서로 다른 값을 줍니다. 하나로 맞추거나 정책의 prefer에 앞서는 것을 정해 달라고 "
        "관리자에게 요청해 주세요: {0}.",
        en="Rules give different values: ask an administrator to have them agree, or to say under `prefer` "
        "which comes first: {0}.",
    )
    ASK_TO_PART = Bilingual(
        ko="서로 다른 망 구역의 권한이 겹칩니다. 하나를 빼거나 예외로 정해 달라고 "
        "관리자에게 요청해 주세요: {0}.",
        en="Rules lead into two zones at once: ask an administrator to take one away, or to make an "
        "exception: {0}.",
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
    ASK_OWNER = Bilingual(
        ko="포털의 임시 권한 메뉴에서 신청해 주세요. 결정하는 사람과 최대 시간: {0}.",
        en="Ask for temporary access in the portal, of {0} at most.",
    )
    ASK_RULE_OWNER = Bilingual(
        ko="검토에서 멈춘 규칙입니다. 규칙 소유자에게 서명을 요청해 주세요: {0}.",
        en="A review has stopped this rule: ask its owner, {0}.",
    )
    CALL = Bilingual(
        ko="다음 담당자에게 연락해 주세요: {0}.",
        en="Call {0}.",
    )
    REPORT_FACT = Bilingual(
        ko="접속 정보 중 다음 항목을 확인할 수 없었습니다. 헬프데스크에 알려 주세요: {0}.",
        en="What could not be found out: {0}. Tell the helpdesk.",
    )


# Those whose argument is what a rule is called.
NAMING_RULES = frozenset(
    {RemedyKind.ASK_FOR_RULE, RemedyKind.ASK_TO_PROLONG, RemedyKind.ASK_RULE_OWNER, RemedyKind.ASK_ABOUT_RULE}
)
# What each costs somebody, in minutes as one would guess; waiting costs what it lasts besides.
COSTS: Mapping[RemedyKind, int] = {
    RemedyKind.ENTER_CODE: 1,
    RemedyKind.CLOSE_SESSION: 2,
    RemedyKind.LOG_IN_WITH: 3,
    RemedyKind.PROVE_WHO: 3,
    RemedyKind.USE_FACTOR: 3,
    RemedyKind.USE_CERTIFICATE: 3,
    RemedyKind.CONNECT_BY: 5,
    RemedyKind.JOIN: 5,
    RemedyKind.USE_MEDIUM: 5,
    RemedyKind.LOWER_RISK: 5,
    RemedyKind.WAIT_UNTIL: 5,
    RemedyKind.USE_ENDPOINT: 10,
    RemedyKind.USE_MANAGED: 10,
    RemedyKind.ASK_FOR_CERTIFICATE: 15,
    RemedyKind.COME_FROM: 30,
    RemedyKind.USE_DEVICE: 30,
    RemedyKind.ASK_OWNER: 30,
    RemedyKind.CALL: 30,
    RemedyKind.REPORT_FACT: 45,
    RemedyKind.COME_TO: 60,
    RemedyKind.REGISTER_ENDPOINT: 60,
    RemedyKind.REGISTER_ANEW: 60,
    RemedyKind.ASK_RULE_OWNER: 60,
    RemedyKind.ASK_FOR_GROUP: 240,
    RemedyKind.ASK_TO_PROLONG: 180,
    RemedyKind.ASK_TO_PREFER: 480,
    RemedyKind.ASK_TO_PART: 480,
    RemedyKind.ASK_FOR_RULE: 480,
    RemedyKind.ASK_ABOUT_RULE: 480,
    RemedyKind.ASK_FOR_CONSENT: 480,
    RemedyKind.ASK_FOR_ACCESS: 480,
    RemedyKind.BE_IN: 1440,
}


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing to do. arguments are the names it speaks of; at is seconds since the epoch."""

    kind: RemedyKind
    arguments: tuple[str, ...] = ()
    at: float | None = None


def cost_min(remedies: Iterable[Remedy], now: float) -> float:
    """About how many minutes it takes to do all of them."""
    return sum(COSTS[each.kind] + (max(0.0, each.at - now) / 60 if each.at else 0.0) for each in remedies)


def named(remedy: Remedy, language: str) -> tuple[str, ...]:
    """The arguments of a remedy as people read them."""
    words = WORDS.get(remedy.kind)
    if remedy.kind is RemedyKind.ASK_OWNER:
        told = (each.rpartition(", ") for each in remedy.arguments)
        return tuple(f"{owners}{comma}{in_units(most, language)}" for owners, comma, most in told)
    return tuple(words(name).to(language) for name in remedy.arguments) if words else remedy.arguments


WORDS: Mapping[RemedyKind, Callable[[str], Bilingual]] = {
    RemedyKind.CONNECT_BY: lambda name: DOORS[Via(name)],
    RemedyKind.LOG_IN_WITH: lambda name: METHODS[Method(name)],
    RemedyKind.USE_FACTOR: lambda name: FACTORS[Factor(name)],
    RemedyKind.LOWER_RISK: lambda name: LEVELS[Level(name)],
    RemedyKind.REGISTER_ANEW: lambda name: ASSURANCES[Origin(name)],
    RemedyKind.USE_MEDIUM: lambda name: MEDIA[Medium(name)],
    RemedyKind.USE_CERTIFICATE: lambda name: CERTIFICATES[Certified(name)],
    RemedyKind.REPORT_FACT: lambda name: CALLED[name],
}


def remedy_for(rule: Rule, condition: Condition, held: Held) -> Remedy:
    """What would let a condition of a permit hold."""
    return REMEDIES[condition.name](rule, condition, held)


def _choose(kind: RemedyKind) -> Callable[[Rule, Condition, Held], Remedy]:
    return lambda _rule, condition, _held: Remedy(kind, tuple(sorted(map(str, condition.argument))))


def _report_or(kind: RemedyKind) -> Callable[[Rule, Condition, Held], Remedy]:
    """Nobody can be asked to change what is not even known: that is for the helpdesk."""

    def choose(rule: Rule, condition: Condition, held: Held) -> Remedy:
        if held.truth is Truth.UNKNOWN:
            return Remedy(RemedyKind.REPORT_FACT, (condition.name,))
        return _choose(kind)(rule, condition, held)

    return choose


# What can be had most easily comes first.
_FOR_ENDPOINTS = {
    Standing.KNOWN: RemedyKind.REGISTER_ENDPOINT,
    Standing.CERTIFIED: RemedyKind.ASK_FOR_CERTIFICATE,
    Standing.MANAGED: RemedyKind.USE_MANAGED,
}


def _better_endpoint(rule: Rule, condition: Condition, held: Held) -> Remedy:
    """A certificate tells also where a NAS does not say which endpoint it is; the registry does not."""
    kinds = (kind for standing, kind in _FOR_ENDPOINTS.items() if standing in condition.argument)
    if held.truth is Truth.UNKNOWN:
        by_certificate = Standing.CERTIFIED in condition.argument
        return (
            Remedy(RemedyKind.ASK_FOR_CERTIFICATE)
            if by_certificate
            else Remedy(RemedyKind.REPORT_FACT, ("endpoint",))
        )
    kind = next(kinds, None)
    return Remedy(RemedyKind.ASK_FOR_RULE, (rule.id,)) if kind is None else Remedy(kind)


def _fewer_sessions(_rule: Rule, condition: Condition, held: Held) -> Remedy:
    if held.truth is Truth.UNKNOWN:
        return Remedy(RemedyKind.REPORT_FACT, (condition.name,))
    return Remedy(RemedyKind.CLOSE_SESSION, (str(condition.argument.most),))


def _ask_owner(rule: Rule, condition: Condition, _held: Held) -> Remedy:
    owner = condition.argument.owner
    return (
        Remedy(RemedyKind.ASK_RULE_OWNER, (owner,)) if owner else Remedy(RemedyKind.ASK_FOR_RULE, (rule.id,))
    )


def _wait_or_prolong(rule: Rule, condition: Condition, held: Held) -> Remedy:
    if held.next_flip is None:
        owner = f" ({rule.owner})" if rule.owner else ""
        return Remedy(RemedyKind.ASK_TO_PROLONG, (f"{rule.id}{owner}",))
    return _wait(rule, condition, held)


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
    "factor": _report_or(RemedyKind.USE_FACTOR),
    "assurance": _report_or(RemedyKind.REGISTER_ANEW),
    "source": _report_or(RemedyKind.COME_FROM),
    "country": _report_or(RemedyKind.BE_IN),
    "endpoint": _better_endpoint,
    "sessions": _fewer_sessions,
    "risk": _report_or(RemedyKind.LOWER_RISK),
    "holiday": _wait,
    "hours": _wait,
    "otp_age": lambda _rule, _condition, _held: Remedy(RemedyKind.ENTER_CODE),
    "designated": _choose(RemedyKind.USE_ENDPOINT),
    "signed": _ask_owner,
    "valid": _wait_or_prolong,
}


def remedy_against(condition: Condition) -> Remedy | None:
    """What would keep a condition of a forbid from holding, where that is in somebody's own hands."""
    return AGAINST[condition.name](condition) if condition.name in AGAINST else None


AGAINST: Mapping[str, Callable[[Condition], Remedy | None]] = {
    "risk": lambda condition: Remedy(RemedyKind.LOWER_RISK, tuple(sorted(set(Level) - condition.argument))),
    "endpoint": lambda condition: (
        Remedy(RemedyKind.REGISTER_ENDPOINT) if Standing.UNREGISTERED in condition.argument else None
    ),
}

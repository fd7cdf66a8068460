"""Why a decision is as it is, and what would help: the decision itself, looked at again with more time."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import partial
from itertools import chain

from access.model import Absent, Bilingual, Decision, Effect, FailedCondition, Reason, Request, Subject, User
from access.policy.asking import requestable_by
from access.policy.beside import is_stopped
from access.policy.compiled import Policy
from access.policy.conditions import (
    ENDED_IN_REVIEW,
    NEVER_SIGNED,
    Held,
    Truth,
    judge,
    spell_duration,
    spell_rate,
)
from access.policy.decide import NOBODY, all_about, asked_by, decide, owner_of, sides_of
from access.policy.remedies import Remedy, RemedyKind, cost_min, named, remedy_against, remedy_for
from access.policy.rules import organization_of
from access.policy.standing import Standing, StandingKind
from access.policy.subjects import standing, subject_of
from access.policy.vocabulary import AGREED_GIFTS, SINGLE_GIFTS, Condition, Rule
from access.policy.weighing import weigh
from access.policy.words import DUTIES, in_words
from access.words.reasons import MEANINGS

_IN_UTC = re.compile(r"(\d{4}-\d{2}-\d{2} \d{2}:\d{2}) UTC")
_OPEN_TO_ADVICE = (Reason.NO_PERMIT, Reason.CONDITION_FAILED, Reason.FACT_UNKNOWN)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A rule that spoke for or against the request, with the reason its author gave."""

    rule: str
    effect: Effect
    reason: Bilingual | None
    requires: bool = False
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class NearestPermit:
    """The permit that it costs least to have speak. about: it names the subject, only conditions lack."""

    rule: str
    about: bool
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision, the rules that spoke, the nearest permit of each side that did not, and remedies.

    foreign has the organization of each rule about the request that speaks for another one than the person's:
    what it is called is theirs to know. differing has the gifts that nothing chooses between: which, and what
    each rule gives.
    """

    subject: Subject
    request: Request
    decision: Decision
    spoke: tuple[Spoken, ...] = ()
    nearest: tuple[NearestPermit, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    foreign: Mapping[str, str] = field(default_factory=dict)
    differing: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()

    @property
    def failed(self) -> tuple[FailedCondition, ...]:
        """The conditions that stood in the way, with what they wanted and saw."""
        return self.decision.failed


@dataclass(frozen=True, slots=True)
class _Permit:
    """A permit that did not speak: whether it is about the subject, and the conditions that do not hold."""

    rule: Rule
    about: bool
    failing: tuple[tuple[Condition, Held], ...]


def explain(policy: Policy | None, subject: Subject, request: Request, now: float) -> Explanation:
    """The explanation of decide(policy, subject, request, now)."""
    policy = policy.speaking(subject, request.facts) if policy is not None else None
    decision = decide(policy, subject, request, now)
    subject, _ = standing(subject, now)
    if policy is None or (decision.failed and decision.failed[0].condition == "now"):
        return Explanation(subject, request, decision)
    about = {rule.id: rule for rule in all_about(policy, subject, request)}
    spoke = [about[rule_id] for rule_id in (*decision.forbids, *decision.permits)]
    foreign = _foreign(policy, subject, request.object, about.values())
    nearest: list[_Permit] = []
    remedies: list[Remedy] = []
    owner = owner_of(policy, subject, request.object)
    if decision.reason in _OPEN_TO_ADVICE:
        for side in _missing_sides(policy, subject, request, decision, about):
            if side == NOBODY:
                remedies.append(Remedy(RemedyKind.REPORT_FACT, ("nas_organization",)))
                continue
            permit = _nearest(policy, subject, request, now, side)
            nearest += [permit] if permit else []
            ways = [_of_owners(policy, subject, request.object)] if side == owner else []
            lacking = _without_any_permit(subject, request.object, side)
            ways.append(_remedies(permit, subject, side) if permit else [lacking])
            remedies += chain.from_iterable(sorted(ways, key=partial(cost_min, now=now)))
        unmet = [about[rule_id] for rule_id in decision.forbids]
        remedies += [
            remedy_for(rule, condition, held)
            for rule in unmet
            for condition, held in _failing(rule, request, now)
        ]
    elif decision.reason is Reason.CONTAINED:
        remedies += [
            Remedy(RemedyKind.CALL, (rule.standing.owner,))
            for rule in spoke
            if rule.standing is not None and rule.effect is Effect.DENY
        ]
    elif decision.reason is Reason.FORBIDDEN:
        forbids = [about[rule_id] for rule_id in decision.forbids]
        remedies += [
            _against(rule, request, now, f"({foreign[rule.id]})" if rule.id in foreign else rule.id)
            for rule in forbids
            if not rule.requires
        ]
    return Explanation(
        subject,
        request,
        decision,
        tuple(Spoken(rule.id, rule.effect, rule.reason, rule.requires, rule.standing) for rule in spoke),
        tuple(_shown(permit) for permit in nearest),
        tuple(dict.fromkeys(remedies)),
        foreign,
        tuple(_differing(policy, [about[rule_id] for rule_id in decision.permits]))
        if decision.reason is Reason.POLICY_CONFLICT
        else (),
    )


def _differing(policy: Policy, permits: list[Rule]) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    for name in (*SINGLE_GIFTS, *AGREED_GIFTS):
        given = [(rule.id, value) for rule in permits if (value := getattr(rule.gives, name)) is not None]
        values = {value for _, value in given}
        if len(values) > 1 and not values <= set(policy.document.prefer.get(name, ())):
            yield name, tuple((rule_id, str(value)) for rule_id, value in given)


def _foreign(policy: Policy, subject: Subject, object: str, rules: Iterable[Rule]) -> dict[str, str]:
    owner = owner_of(policy, subject, object)
    speakers = {rule.id: rule.organization or owner for rule in rules}
    return {rule_id: whose for rule_id, whose in speakers.items() if whose not in ("", subject.organization)}


def explain_user(policy: Policy | None, user: User, request: Request, now: float) -> Explanation:
    """Return the explanation for a person; an account that is over is refused before the policy is asked."""
    subject = subject_of(user)
    if user.is_over(now):
        return Explanation(subject, request, Decision(Effect.DENY, Reason.USER_DISABLED))
    return explain(policy, subject, request, now)


def _missing_sides(
    policy: Policy, subject: Subject, request: Request, decision: Decision, about: dict[str, Rule]
) -> list[str]:
    """The organizations that did not permit, the object's owner first."""
    owner = owner_of(policy, subject, request.object)
    consenting = {about[rule_id].organization or owner for rule_id in decision.permits}
    return [side for side in sides_of(policy, subject, request) if side not in consenting]


def _nearest(policy: Policy, subject: Subject, request: Request, now: float, side: str) -> _Permit | None:
    beside = policy.beside.about(subject, request.facts, request.object, policy.keys_of(subject))
    about = {rule.id for rule in all_about(policy, subject, request)}
    owner = owner_of(policy, subject, request.object)
    rules = {rule.id: rule for found in policy.by_object.get(request.object, {}).values() for rule in found}
    rules |= {rule.id: rule for rule in beside if not _has_ended(rule, now)}
    permits = [
        _Permit(rule, rule.id in about, tuple(_failing(rule, request, now)))
        for rule in rules.values()
        if rule.effect is Effect.PERMIT and (rule.organization or owner) == side and _may_be(rule, subject)
        if rule.id in about or request.object in policy.owners or _is_for(rule, subject)
    ]

    def distance(permit: _Permit) -> tuple[float, int, str]:
        return cost_min(_remedies(permit, subject, side), now), len(permit.failing), permit.rule.id

    return min(permits, key=distance, default=None)


def _has_ended(rule: Rule, now: float) -> bool:
    until = rule.standing.until if rule.standing is not None else None
    return until is not None and until <= now


def _may_be(rule: Rule, subject: Subject) -> bool:
    """Whether a rule could ever be about somebody: nobody of ours becomes a printer or a visitor."""
    return not subject.id or any(not who.startswith(("endpoint:", "realm:")) for who in rule.who)


def _is_for(rule: Rule, subject: Subject) -> bool:
    """Whether a rule about a login is for people of somebody's company: others' are not theirs to know."""
    ours = (subject.organization, None) if not subject.id else (subject.organization,)
    return not subject.organization or any(who == "*" or organization_of(who) in ours for who in rule.who)


def _failing(rule: Rule, request: Request, now: float) -> Iterator[tuple[Condition, Held]]:
    for condition in asked_by(rule, request):
        held = judge(condition, request.facts, now)
        if held.truth is not Truth.HOLDS:
            yield condition, held


def _remedies(permit: _Permit, subject: Subject, side: str) -> list[Remedy]:
    if side != subject.organization and is_stopped(permit.rule):
        # Who of the other company has not signed is for it to tell.
        return [Remedy(RemedyKind.ASK_FOR_CONSENT, (side,))]
    conditions = [remedy_for(permit.rule, condition, held) for condition, held in permit.failing]
    if permit.about:
        return conditions
    groups = [who.removeprefix("group:") for who in permit.rule.who if who.startswith("group:")]
    if subject.organization:
        # Whom another company lets in, and by which of its rules and groups, is for it to tell.
        groups = [group for group in groups if group.startswith(f"{subject.organization}/")]
        if not groups and side != subject.organization:
            return [Remedy(RemedyKind.ASK_FOR_CONSENT, (side,))]
    if groups:
        return [Remedy(RemedyKind.ASK_FOR_GROUP, (groups[0],)), *conditions]
    return [Remedy(RemedyKind.ASK_FOR_RULE, (permit.rule.id,)), *conditions]


def _of_owners(policy: Policy, subject: Subject, object: str) -> list[Remedy]:
    """Whom to ask for it for a while, where the document lets that be."""
    declared = requestable_by(policy, subject, object)
    if declared is None:
        return []
    asked = f"{', '.join(declared.owners)}, {spell_duration(declared.longest_s)}"
    return [Remedy(RemedyKind.ASK_OWNER, (asked,))]


def _without_any_permit(subject: Subject, object: str, side: str) -> Remedy:
    if side != subject.organization:
        return Remedy(RemedyKind.ASK_FOR_CONSENT, (side,))
    return Remedy(RemedyKind.ASK_FOR_ACCESS, (object,))


def _against(forbid: Rule, request: Request, now: float, called: str) -> Remedy:
    """What can be done about a forbid: have a fact found out, wait for its end, or ask."""
    unknown = [
        condition.name for condition, held in _failing(forbid, request, now) if held.truth is Truth.UNKNOWN
    ]
    if unknown:
        return Remedy(RemedyKind.REPORT_FACT, (unknown[0],))
    end = weigh(forbid, request.facts, now).next_flip
    if end is not None:
        return Remedy(RemedyKind.WAIT_UNTIL, at=end)
    own = (remedy_against(condition) for condition in forbid.conditions)
    return next((each for each in own if each is not None), Remedy(RemedyKind.ASK_ABOUT_RULE, (called,)))


def _shown(permit: _Permit) -> NearestPermit:
    return NearestPermit(
        permit.rule.id, permit.about, tuple(condition.name for condition, _ in permit.failing)
    )


_PERMITTED = Bilingual(ko="허용", en="Permitted")
_DENIED = Bilingual(ko="거부", en="Denied")
_SPOKE = {
    Effect.PERMIT: Bilingual(ko="규칙 {0}: 허용", en="Rule {0} permits"),
    Effect.DENY: Bilingual(ko="규칙 {0}: 금지", en="Rule {0} forbids"),
}
_CONTAINED = Bilingual(ko="{0}부터 차단, {1}", en="contained since {0} by {1}")
_GRANTED = Bilingual(ko="{0}까지 허용, {1}", en="granted until {0} by {1}")
_OPEN_END = Bilingual(ko="거둘 때", en="it is taken back")
_REQUIRES = Bilingual(ko="규칙 {0}: 갖추어야 할 조건", en="Rule {0} requires more")
_OTHERS = Bilingual(ko="({0})", en="({0})")
_WANTED = Bilingual(ko="규칙 {0}: {1} 조건 {2}, 현재 {3}", en="Rule {0} wants {1} {2}, saw {3}")
_STOPPED = {
    NEVER_SIGNED: Bilingual(
        ko="규칙 {0}: 검토에 아무도 서명하지 않아 {1}부터 멈춤",
        en="Rule {0} was silenced on {1} because nobody signed its review",
    ),
    ENDED_IN_REVIEW: Bilingual(
        ko="규칙 {0}: 검토에서 {1}에 끝냄", en="Rule {0} was ended by its review on {1}"
    ),
}
_SEEN = {
    Absent.UNKNOWN.value: Bilingual(ko="알 수 없음", en="unknown"),
    Absent.DOES_NOT_APPLY.value: Bilingual(ko="해당 없음", en="does not apply"),
}
_GIFTS = {
    "vlan": Bilingual(ko="VLAN: {0}", en="VLAN: {0}"),
    "voice_vlan": Bilingual(ko="음성 VLAN: {0}", en="Voice VLAN: {0}"),
    "role": Bilingual(ko="역할: {0}", en="Role: {0}"),
    "acl": Bilingual(ko="ACL: {0}", en="ACL: {0}"),
    "address": Bilingual(ko="주소: {0}", en="Address: {0}"),
    "privilege": Bilingual(ko="장비 관리 권한: {0}", en="Privilege on the device: {0}"),
}
_NO_CHOICE = Bilingual(ko="{0} 가운데 어느 것도 앞서지 않습니다", en="{0}: nothing chooses between them")
_TIMEOUT = Bilingual(ko="접속 시간: 최대 {0}", en="Session: at most {0}")
_IDLE = Bilingual(ko="사용하지 않으면 {0} 뒤에 끊깁니다", en="Ends when nothing happens for {0}")
_SESSIONS = Bilingual(ko="동시 접속: 단말 {0}대까지", en="At once: on at most {0} endpoints")
_ZONE = Bilingual(ko="망 구역: {0}", en="Zone: {0}")
_CLASH = Bilingual(ko="망 구역 {0}: 규칙 {1}", en="Zone {0} by rule {1}")
_ONE_ZONE = Bilingual(
    ko="한 접속은 한 번에 한 망 구역에만 있을 수 있습니다", en="A session is in one zone at a time"
)
_BANDWIDTH = Bilingual(ko="대역폭: 올리기 {0}, 내려받기 {1}", en="Bandwidth: up {0}, down {1}")
_NO_LIMIT = Bilingual(ko="제한 없음", en="no limit")
_CLIENT = {
    "routes": Bilingual(ko="VPN으로 보내는 네트워크: {0}", en="Through the tunnel: {0}"),
    "dns": Bilingual(ko="DNS 서버: {0}", en="Name servers: {0}"),
    "dns_suffixes": Bilingual(ko="DNS 접미사: {0}", en="DNS suffixes: {0}"),
}
_UNTIL = Bilingual(ko="{0}에 다시 판단합니다", en="Decided again at {0}")


def render(
    explanation: Explanation, language: str, zone: tzinfo = UTC, everything: bool = False
) -> list[str]:
    """The explanation in lines of text for people, in "ko" or "en"; moments are shown in the zone.

    everything: also what rules of other organizations are called, for whoever runs the whole installation.
    """
    foreign = {} if everything else explanation.foreign

    def called(rule: str) -> str:
        return _OTHERS.to(language).format(foreign[rule]) if rule in foreign else rule

    decision = explanation.decision
    verdict = (_PERMITTED if decision.permitted else _DENIED).to(language)
    lines = [f"{verdict}: {explanation.request.object} ({MEANINGS[decision.reason].title.to(language)})"]
    for spoken in explanation.spoke:
        words = _REQUIRES if spoken.requires else _SPOKE[spoken.effect]
        line = words.to(language).format(called(spoken.rule))
        if spoken.standing is not None:
            line = f"{line} ({render_standing(spoken.standing, language, zone)})"
        lines.append(f"{line}: {spoken.reason.to(language)}" if spoken.reason else line)
    lines += [_render_failed(failed, called(failed.rule), language, zone) for failed in explanation.failed]
    for name, given in explanation.differing:
        each = ", ".join(f"{value} ({called(rule)})" for rule, value in given)
        lines.append(_NO_CHOICE.to(language).format(_GIFTS[name].to(language).format(each)))
    lines += _render_zones(decision, language)
    lines += _render_gives(decision, language)
    lines += [f"→ {render_remedy(remedy, language, zone)}" for remedy in explanation.remedies]
    if decision.valid_until is not None:
        lines.append(_UNTIL.to(language).format(_moment(decision.valid_until, zone)))
    return lines


def render_standing(standing: Standing, language: str, zone: tzinfo = UTC) -> str:
    """What is to be known of a rule beside the document: since when or until when, by whom, for what."""
    contains = standing.kind is StandingKind.CONTAINMENT
    at = standing.created_at if contains else standing.until
    words = (_CONTAINED if contains else _GRANTED).to(language)
    moment = _OPEN_END.to(language) if at is None else _moment(at, zone)
    told = [words.format(moment, standing.approved_by)]
    told += [each for each in (standing.purpose, standing.ticket) if each]
    return ", ".join(told)


def render_remedy(remedy: Remedy, language: str, zone: tzinfo = UTC) -> str:
    """A remedy as one sentence."""
    joined = (" 또는 " if language == "ko" else " or ").join(named(remedy, language))
    at = "" if remedy.at is None else _moment(remedy.at, zone)
    return remedy.kind.value.to(language).format(joined, at=at)


def _render_failed(failed: FailedCondition, rule: str, language: str, zone: tzinfo) -> str:
    if failed.condition == "signed":
        return _STOPPED[failed.wanted].to(language).format(rule, _by_their_clock(failed.seen, zone))
    told = _by_their_clock(in_words(failed.condition, failed.seen, language), zone)
    seen = _SEEN[failed.seen].to(language) if failed.seen in _SEEN else told
    wanted = _by_their_clock(in_words(failed.condition, failed.wanted, language), zone)
    return _WANTED.to(language).format(rule, failed.condition, wanted, seen)


def _render_zones(decision: Decision, language: str) -> list[str]:
    lines = [_ZONE.to(language).format(decision.zone)] if decision.zone else []
    lines += [_CLASH.to(language).format(zone, rule) for zone, rule in decision.clash]
    return [*lines, _ONE_ZONE.to(language)] if decision.clash else lines


def _render_gives(decision: Decision, language: str) -> list[str]:
    lines = []
    for name, words in _GIFTS.items():
        if (value := getattr(decision.gives, name)) is not None:
            lines.append(words.to(language).format(value))
    if decision.gives.session_timeout_s is not None:
        lines.append(_TIMEOUT.to(language).format(spell_duration(decision.gives.session_timeout_s)))
    if decision.gives.idle_timeout_s is not None:
        lines.append(_IDLE.to(language).format(spell_duration(decision.gives.idle_timeout_s)))
    if decision.gives.sessions is not None:
        lines.append(_SESSIONS.to(language).format(decision.gives.sessions))
    limits = decision.gives.up_kbps, decision.gives.down_kbps
    if limits != (None, None):
        told = (spell_rate(kbps) if kbps else _NO_LIMIT.to(language) for kbps in limits)
        lines.append(_BANDWIDTH.to(language).format(*told))
    for name, words in _CLIENT.items():
        if value := getattr(decision.gives, name):
            lines.append(words.to(language).format(", ".join(map(str, value))))
    lines += [DUTIES[duty].to(language) for duty in decision.gives.desktop]
    return lines


def _by_their_clock(text: str, zone: tzinfo) -> str:
    """A text whose moments, which a decision spells in UTC, are as the clock of whoever reads shows them."""

    def told(moment: re.Match[str]) -> str:
        return _moment(datetime.fromisoformat(moment[1]).replace(tzinfo=UTC).timestamp(), zone)

    return _IN_UTC.sub(told, text)


def _moment(at: float, zone: tzinfo) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M %Z")

"""An explanation in sentences for people: the verdict, the rules that spoke, what failed, what would help."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from access.model import Absent, Bilingual, Decision, Effect, FailedCondition
from access.policy.advice import NearestPermit
from access.policy.conditions import ENDED_IN_REVIEW, NEVER_SIGNED, spell_duration, spell_rate
from access.policy.explain import Explanation
from access.policy.remedies import Remedy, named
from access.policy.standing import Standing, StandingKind
from access.policy.words import ABSENT, CALLED, DUTIES, in_units, in_words, wanted_in_words
from access.words.reasons import MEANINGS

_IN_UTC = re.compile(r"(\d{4}-\d{2}-\d{2} \d{2}:\d{2}) UTC")
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
_WANTED = Bilingual(ko="규칙 {0}: {1} 조건 {2}, 현재 {3}", en="Rule {0} wants {1} {2}, saw {3}")
_ENDED = Bilingual(ko="규칙 {0}: {1}에 끝남", en="Rule {0} ended on {1}")
_BEGINS = Bilingual(ko="규칙 {0}: {1}에 시작", en="Rule {0} begins on {1}")
_KEYED = Bilingual(ko="{0}({1})", en="{0} ({1})")
_NEAREST = Bilingual(ko="가장 가까운 허용 규칙: {0}", en="Nearest permit: {0}")
_NOT_ABOUT = Bilingual(ko="본인에게는 적용되지 않음", en="not about them")
_LACKING = Bilingual(ko="부족한 조건 {0}", en="lacks {0}")
_FIRST = Bilingual(ko="{0}", en="{0}")
_ALSO = Bilingual(ko="그리고: {0}", en="Also: {0}")
_OR = Bilingual(ko="또는: {0}", en="Or: {0}")
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
    called = _as_it_is if everything else explanation.called
    decision = explanation.decision
    verdict = (_PERMITTED if decision.permitted else _DENIED).to(language)
    lines = [f"{verdict}: {explanation.request.object} ({MEANINGS[decision.reason].title.to(language)})"]
    for spoken in explanation.spoke:
        words = _REQUIRES if spoken.requires else _SPOKE[spoken.effect]
        line = words.to(language).format(called(spoken.rule))
        if spoken.standing is not None:
            line = f"{line} ({render_standing(spoken.standing, language, zone)})"
        lines.append(f"{line}: {spoken.reason.to(language)}" if spoken.reason else line)
    lines += [render_failed(failed, called(failed.rule), language, zone) for failed in explanation.failed]
    for name, given in explanation.differing:
        each = ", ".join(f"{value} ({called(rule)})" for rule, value in given)
        lines.append(_NO_CHOICE.to(language).format(_GIFTS[name].to(language).format(each)))
    lines += _render_zones(explanation, called, language)
    lines += _render_gives(decision, language)
    nearest = explanation.nearest if everything else explanation.nearest_told
    lines += [render_nearest(permit, called(permit.rule), language) for permit in nearest]
    lines += [f"→ {line}" for line in render_needs(explanation, language, zone)]
    if decision.valid_until is not None:
        lines.append(_UNTIL.to(language).format(_moment(decision.valid_until, zone)))
    return lines


def _as_it_is(rule: str) -> str:
    return rule


def render_needs(explanation: Explanation, language: str, zone: tzinfo = UTC) -> list[str]:
    """What would help, a line each: all of it, but of what an "or" parts one alone, the cheapest first."""
    lines: list[str] = []
    said: set[Remedy] = set()
    for need in explanation.needs:
        for choice, way in enumerate(need):
            words = _OR if choice else _ALSO
            for remedy in dict.fromkeys(way):
                if remedy in said:
                    continue
                said.add(remedy)
                words = words if lines else _FIRST
                lines.append(words.to(language).format(render_remedy(remedy, language, zone)))
                words = _ALSO
    return lines


def render_nearest(permit: NearestPermit, rule: str, language: str) -> str:
    """The permit that it costs least to have speak, of a rule that is called so, and what it lacks."""
    lacking = [_keyed(each, language) for each in permit.conditions]
    told = [] if permit.about else [_NOT_ABOUT.to(language)]
    told += [_LACKING.to(language).format(", ".join(lacking))] if lacking else []
    return _NEAREST.to(language).format(f"{rule} ({'; '.join(told)})")


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


def render_failed(failed: FailedCondition, rule: str, language: str, zone: tzinfo = UTC) -> str:
    """A condition that stood in the way, of a rule that is called so: what it wanted, and what it saw."""
    if failed.condition == "signed":
        return _STOPPED[failed.wanted].to(language).format(rule, _by_their_clock(failed.seen, zone))
    if failed.condition == "valid":
        start, _, end = failed.wanted.partition("– ")
        # Both are spelt alike, so that the earlier one is the lesser text.
        words, moment = (_BEGINS, start.strip()) if failed.seen < start else (_ENDED, end)
        return words.to(language).format(rule, _by_their_clock(moment, zone))
    wanted, seen = spell_wanted(failed, language, zone), spell_seen(failed, language, zone)
    return _WANTED.to(language).format(rule, _keyed(failed.condition, language), wanted, seen)


def _keyed(condition: str, language: str) -> str:
    """What a condition is called, with the key of the document behind it."""
    called = CALLED[condition].to(language)
    return called if called == condition else _KEYED.to(language).format(called, condition)


def spell_wanted(failed: FailedCondition, language: str, zone: tzinfo) -> str:
    """What a condition wanted, in words."""
    return _by_their_clock(wanted_in_words(failed.condition, failed.wanted, language), zone)


def spell_seen(failed: FailedCondition, language: str, zone: tzinfo) -> str:
    """What a condition saw, in words: that nobody knows, and that there is nothing of the kind, as well."""
    if failed.seen == Absent.DOES_NOT_APPLY.value and failed.condition in ABSENT:
        return ABSENT[failed.condition].to(language)
    if failed.seen in _SEEN:
        return _SEEN[failed.seen].to(language)
    return _by_their_clock(in_words(failed.condition, failed.seen, language), zone)


def _render_zones(explanation: Explanation, called: Callable[[str], str], language: str) -> list[str]:
    decision = explanation.decision

    def titled(zone: str) -> str:
        title = explanation.titles.get(zone)
        return zone if title is None else _KEYED.to(language).format(title.to(language), zone)

    lines = [_ZONE.to(language).format(titled(decision.zone))] if decision.zone else []
    lines += [_CLASH.to(language).format(titled(zone), called(rule)) for zone, rule in decision.clash]
    return [*lines, _ONE_ZONE.to(language)] if decision.clash else lines


def _render_gives(decision: Decision, language: str) -> list[str]:
    lines = []
    for name, words in _GIFTS.items():
        if (value := getattr(decision.gives, name)) is not None:
            lines.append(words.to(language).format(value))
    if decision.gives.session_timeout_s is not None:
        lines.append(
            _TIMEOUT.to(language).format(in_units(spell_duration(decision.gives.session_timeout_s), language))
        )
    if decision.gives.idle_timeout_s is not None:
        lines.append(
            _IDLE.to(language).format(in_units(spell_duration(decision.gives.idle_timeout_s), language))
        )
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

"""Whether what somebody asks for would have them in two zones at once, and what is said of it. ▸

Nothing of it is remembered: it is looked at when it is asked, whenever it is shown, and when an owner agrees,
as everything stands then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from access.errors import Refused
from access.model import Bilingual, User, Via
from access.policy.beside import rule_of
from access.policy.compiled import Policy
from access.policy.grant_zones import Having, Hindrance, Room, possible_until, room_for
from access.policy.standing import Kept, Standing, StandingKind
from access.policy.subjects import subject_of
from access.policy.vocabulary import Rule
from access.policy.words import DOORS

_MOST_NAMED = 4

_TWO_ZONES = Bilingual(
    ko="{0}은(는) {1} 구역입니다. 이 권한을 받으면 같은 때에 다른 구역에도 있게 됩니다: {2}. "
    "단말은 한 번에 한 망 구역에만 있을 수 있습니다.",
    en="{0} is in the zone {1}. Whoever has it would be in another one at the same time: {2}. "
    "An endpoint is in one zone at a time.",
)
_IN_PART = Bilingual(
    ko="{0}(으)로 접속했을 때만 쓸 수 있습니다. 다른 연결로는 다른 망 구역에 있게 됩니다: {1}.",
    en="Had by {0} alone: by others one is in another zone, {1}.",
)
_SHORTER = Bilingual(
    ko="지금부터 {0} 동안은 막는 것이 없습니다(승인할 때가 아니라 지금부터 셉니다). "
    "그보다 짧게 신청해 주세요.",
    en="For {0} from now, not from the decision, nothing is in the way: ask for less than that.",
)
_END_FIRST = Bilingual(
    ko="먼저 임시 권한에서 {0}을(를) 끝내면 {1} 구역에서 나오게 됩니다. 그다음에 다시 신청해 주세요.",
    en="End {0} first, under Temporary access: that is to leave {1}. Then ask again.",
)
_TURN_TO = Bilingual(
    ko="받으려면 정책 관리자가 {0} 구역에 들어가는 권한을 빼거나, 끝나는 날이 있는 예외를 "
    "정책에 적어야 합니다. 헬프데스크에 문의해 주세요.",
    en="It takes an administrator of the policy, who can take away what leads into {0} or write an "
    "exception with an end. Ask the helpdesk.",
)
_LOGIN = Bilingual(ko="{0} 로그인", en="the login by {0}")
_ONLY_BY = Bilingual(ko="{0}(으)로만", en="by {0} alone")
_AND_MORE = Bilingual(ko="외 {0}개", en="{0} more")


@dataclass(frozen=True, slots=True)
class Intended:
    """A grant as it would be from now on. others: every grant there is, also what waits."""

    user: User
    kept: Kept
    until: float
    others: Sequence[Kept]

    def meanwhile(self, now: float) -> list[Standing]:
        """The grants of the same person that last beside it: not the one that it makes longer."""
        own = (each for each in self.others if each.user_id == self.user.id and each.stands(now))
        return [
            each.standing
            for each in own
            if each.standing.id not in (self.kept.extends, self.kept.standing.id)
        ]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What zones make of it. beside: the grants it was compared with.

    until: for how long it could be had where it is refused; None: for no time at all.
    """

    policy: Policy
    object: str
    room: Room
    now: float
    beside: frozenset[Standing]
    until: float | None = None

    @property
    def doors(self) -> tuple[str, ...]:
        """The doors by which alone it may be had; none: by any."""
        return tuple(sorted(self.room.doors)) if self.room.limited else ()

    def refusal(self, to_owner: bool = False) -> Refused:
        """What is told where it cannot be had. An owner is told the zones, and not what else somebody has."""
        said = [self._said(language, to_owner) for language in ("en", "ko")]
        return Refused(*said)

    def note(self, language: str, to_owner: bool = False) -> str:
        """What is told of it while it waits; empty where there is nothing to tell."""
        if not self.room.possible:
            return self._said(language, to_owner)
        if self.room.doors >= self.room.usable:
            return ""
        return _IN_PART.to(language).format(
            _doors(self.room.doors & self.room.usable, language), self._others(language, to_owner)
        )

    def _said(self, language: str, to_owner: bool) -> str:
        zone = self._title(self.policy.zoning.of_object[self.object], language)
        what = _TWO_ZONES.to(language).format(self.object, zone, self._others(language, to_owner))
        return f"{what} {self._remedy(language, to_owner)}"

    def _remedy(self, language: str, to_owner: bool) -> str:
        if self.until is not None:
            return _SHORTER.to(language).format(_length(self.until - self.now).to(language))
        own = [] if to_owner else self._grants_alone()
        if own:
            return _END_FIRST.to(language).format(self._things(own, language), self._titles(own, language))
        return _TURN_TO.to(language).format(self._titles(self._hindrances(), language))

    def _others(self, language: str, to_owner: bool) -> str:
        """Every other zone, by which doors, and what leads into it."""
        said = []
        for zone in self._zones():
            found = [each for each in self._hindrances() if each.zone == zone]
            doors = frozenset(door for each in found for door in each.doors) & self.room.usable
            things = "" if to_owner else f": {self._things(found, language)}"
            said.append(f"{self._title(zone, language)} ({_doors(doors, language)}{things})")
        return ", ".join(said)

    def _zones(self) -> list[str]:
        return sorted({each.zone for each in self._hindrances()})

    def _titles(self, found: Iterable[Hindrance], language: str) -> str:
        return ", ".join(self._title(zone, language) for zone in sorted({each.zone for each in found}))

    def _grants_alone(self) -> list[Hindrance]:
        """What else is granted for a while and alone keeps it from a door."""
        by_others = {door for each in self._hindrances() if not _is_grant(each) for door in each.doors}
        free = self.room.usable - by_others
        return [each for each in self._hindrances() if each.doors & free]

    def _hindrances(self) -> list[Hindrance]:
        """What is in the way by doors that its person can use at all."""
        return [each for each in self.room.hindrances if each.doors & self.room.usable]

    def _title(self, zone: str, language: str) -> str:
        known = (side.document.zones.get(zone) for side in self.policy.sides)
        title = next((each.title for each in known if each is not None), None)
        return title.to(language) if title is not None else zone

    def _things(self, found: Iterable[Hindrance], language: str) -> str:
        names = list(dict.fromkeys(_name(each, language) for each in found))
        more = [_AND_MORE.to(language).format(len(names) - _MOST_NAMED)] if len(names) > _MOST_NAMED else []
        return ", ".join(names[:_MOST_NAMED] + more)


def outlook(policy: Policy, intended: Intended, now: float) -> Outlook:
    """What zones make of a grant, asked of the one person's rules and of nobody else's."""
    others = intended.meanwhile(now)
    rules = [rule for each in others if (rule := rule_of(each, policy.document)) is not None]
    having = Having(subject_of(intended.user), tuple(rules))
    grant = _rule(policy, intended, now)
    room = room_for(policy, having, grant)
    until = None if room.possible else possible_until(policy, having, grant)
    return Outlook(policy, grant.objects[0], room, now, frozenset(others), until)


def only_by(doors: Iterable[str], language: str) -> str:
    """By which doors alone a grant is had, for people; empty: by any."""
    named = _doors(map(Via, doors), language)
    return _ONLY_BY.to(language).format(named) if named else ""


def _rule(policy: Policy, intended: Intended, now: float) -> Rule:
    whole = replace(intended.kept.standing, since=now, until=intended.until, doors=())
    rule = rule_of(whole, policy.document)
    assert rule is not None, "a grant is no opening"
    return rule


def _is_grant(hindrance: Hindrance) -> bool:
    standing = hindrance.rule.standing
    return standing is not None and standing.kind is StandingKind.GRANT


def _name(hindrance: Hindrance, language: str) -> str:
    kind, _, door = hindrance.object.partition(":")
    if kind == "login":
        return _LOGIN.to(language).format(DOORS[Via(door)].to(language))
    return f"{hindrance.object} ({hindrance.rule.id})" if _is_grant(hindrance) else hindrance.object


def _doors(doors: Iterable[Via], language: str) -> str:
    return ", ".join(DOORS[door].to(language) for door in sorted(doors))


def _length(lasts_s: float) -> Bilingual:
    hours, minutes = divmod(int(lasts_s // 60), 60)
    english = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes or not hours)
    korean = [f"{hours}시간"] * bool(hours) + [f"{minutes}분"] * bool(minutes or not hours)
    return Bilingual(ko=" ".join(korean), en=" ".join(english))

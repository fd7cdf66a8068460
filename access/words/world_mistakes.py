"""What can be wrong with a policy document in the world as it is, and how its own tests fail."""

from enum import unique

from access.model import Bilingual
from access.words.phrase import Kind, Wording
from access.words.value_mistakes import HINT

# The gifts of which somebody can have only one, when there are two.
PLURALS = {
    "vlan": Bilingual(ko="VLAN", en="VLANs"),
    "voice_vlan": Bilingual(ko="음성 VLAN", en="voice VLANs"),
    "role": Bilingual(ko="역할(role)", en="roles"),
    "acl": Bilingual(ko="ACL", en="ACLs"),
    "privilege": Bilingual(ko="장비 권한(privilege)", en="privileges"),
    "address": Bilingual(ko="주소(address)", en="addresses"),
}


@unique
class Named(Kind):
    """Some of many names."""

    AND_MORE = Wording(Bilingual(ko="{names} 외 {more}명", en="{names} and {more} more"))
    ONE_RULE = Wording(Bilingual(ko="규칙 {rule!r}만으로도", en="rule {rule!r} would"))
    TWO_RULES = Wording(
        Bilingual(ko="규칙 {rule!r}, {other!r}이(가) 함께", en="rules {rule!r} and {other!r} would together")
    )
    ONE_OPENING = Wording(Bilingual(ko="개방 {rule!r}만으로도", en="opening {rule!r} would"))
    TWO_OPENINGS = Wording(
        Bilingual(
            ko="개방 {rule!r}, {other!r}이(가) 함께", en="openings {rule!r} and {other!r} would together"
        )
    )


@unique
class Choice(Kind):
    """How to have two permits agree."""

    LIST_BOTH = Wording(
        Bilingual(
            ko="`prefer: {{{name}: [...]}}`에 둘 다, 앞설 것을 먼저 쓰십시오",
            en="list both in `prefer: {{{name}: [...]}}`, the one that wins first",
        )
    )
    GIVE_ONE = Wording(Bilingual(ko="둘 다 같은 {name}을(를) 주도록 하십시오", en="let both give one {name}"))


@unique
class WorldMistake(Kind):
    """A name that no directory has, or people for whom two rules do not fit together."""

    GROUP_TAKEN = Wording(
        Bilingual(
            ko="디렉터리에 그룹 {name!r}이(가) 이미 있습니다", en="a directory has a group {name!r} already"
        ),
        Bilingual(ko="다른 이름을 붙이십시오", en="give it another name"),
    )
    NO_GROUP = Wording(Bilingual(ko="그룹 {name!r}이(가) 없습니다", en="there is no group {name!r}"), HINT)
    NO_ATTRIBUTE = Wording(
        Bilingual(ko="속성 {name!r}이(가) 없습니다", en="there is no attribute {name!r}"), HINT
    )
    NO_USER = Wording(Bilingual(ko="사용자 {name!r}이(가) 없습니다", en="there is no user {name!r}"), HINT)
    NO_ORGANIZATION = Wording(
        Bilingual(ko="회사 {name!r}이(가) 없습니다", en="there is no organization {name!r}"), HINT
    )
    TWO_GIFTS = Wording(
        Bilingual(
            ko="규칙 {rule!r}, {other!r}이(가) {whom}에게 서로 다른 {gifts} {one}, {two}을(를) 줍니다",
            en="rules {rule!r} and {other!r} give {whom} the {gifts} {one} and {two}",
        ),
        HINT,
    )
    BEYOND_GUARDRAIL = Wording(
        Bilingual(
            ko="규칙 {rule!r}이(가) {whom}에게 guardrail {guardrail!r}보다 많이 허용합니다. "
            "빠진 조건: {lacking}",
            en="rule {rule!r} permits {whom} more than the guardrail {guardrail!r} allows: it lacks "
            "{lacking}",
        ),
        Bilingual(
            ko="{line}행이 요구하는 조건이나 더 좁은 조건을 `when:`에 쓰십시오",
            en="write what line {line} requires, or less, under `when:`",
        ),
    )
    TWO_ZONES = Wording(
        Bilingual(
            ko="{rules} {whom}의 한 접속을 망 구역 {one}, {two}에 동시에 둡니다",
            en="{rules} have a session of {whom} in the zones {one} and {two} at once",
        ),
        Bilingual(
            ko="함께 갖춰질 수 없는 조건을 `when:`에 쓰거나, `crosses:`로 예외를 두십시오",
            en="write conditions under `when:` that exclude each other, or declare an exception with "
            "`crosses:`",
        ),
    )
    TWO_ZONES_OPENED = Wording(
        TWO_ZONES.what,
        Bilingual(
            ko="한 장소의 개방이 같은 사람들을 한 망 구역으로만 이끌도록 하십시오",
            en="let openings of one site lead the same people into one zone",
        ),
    )
    MORE_PAIRS = Wording(
        Bilingual(
            ko="이와 같은 규칙 쌍이 {count}개 더 있습니다",
            en="{count} more pairs of rules would do the same",
        )
    )


@unique
class Failure(Kind):
    """How a document does not keep what one of its tests promises."""

    NO_USER = Wording(Bilingual(ko="사용자 {user}이(가) 없습니다", en="there is no user {user}"))
    DEMANDS_NOTHING = Wording(
        Bilingual(
            ko="아무것도 허용하거나 거부하지 않는 테스트입니다", en="it neither accepts nor denies anything"
        )
    )
    DENIED = Wording(Bilingual(ko="{object}이(가) 거부됩니다: {why}", en="{object} is denied: {why}"))
    PERMITTED = Wording(
        Bilingual(ko="{object}이(가) 규칙 {rules}(으)로 허용됩니다", en="{object} is permitted by {rules}")
    )
    GIVES_OTHERWISE = Wording(
        Bilingual(
            ko="{object}에서 받는 {name} 값이 {wanted}이(가) 아니라 {given}입니다",
            en="{object} gives {name} {given}, not {wanted}",
        )
    )


@unique
class Why(Kind):
    """Why a decision denies, for whoever writes rules."""

    FORBIDDEN_BY = Wording(Bilingual(ko="{reason}, 규칙 {rules}", en="{reason} by {rules}"))
    FAILED = Wording(Bilingual(ko="{reason} ({failed})", en="{reason} ({failed})"))
    WANTED = Wording(
        Bilingual(
            ko="규칙 {rule}: {condition} 조건 {wanted}, 실제 {seen}",
            en="{rule} wants {condition} {wanted}, saw {seen}",
        )
    )

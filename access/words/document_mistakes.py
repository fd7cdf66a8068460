"""What can be wrong with the entries of a policy document, each by itself and beside the others."""

from enum import unique

from access.model import Bilingual
from access.words.phrase import Kind, Wording
from access.words.value_mistakes import HINT

_OF_ITS_OWN = Bilingual(ko="그것을 위한 규칙을 따로 쓰십시오", en="write a rule of its own for it")
_ADD_KEY = Bilingual(ko="`{key}:`을(를) 추가하십시오", en="add `{key}:`")


@unique
class SectionMistake(Kind):
    """A network, pool, calendar, window, VLAN, zone, group, opening or test that cannot be so."""

    MANY_PORTS = Wording(
        Bilingual(ko="데스크톱 풀의 포트는 하나입니다", en="a pool has one port"),
        Bilingual(ko="tcp/3389처럼 쓰십시오", en="write tcp/3389"),
    )
    HOLIDAYS_KNOWN = Wording(
        Bilingual(ko="휴일 {name}은(는) 이미 있습니다", en="holidays {name} are known already"),
        Bilingual(ko="목록에 다른 이름을 붙이십시오", en="give the list another name"),
    )
    HOURS_OF_NO_TIME = Wording(
        Bilingual(ko="시간 {name}의 시작과 끝이 같습니다", en="hours {name} begin and end at the same time"),
        Bilingual(ko='하루 종일은 "00:00"부터 "24:00"까지입니다', en='a whole day is "00:00" to "24:00"'),
    )
    HOURS_TURNED = Wording(
        Bilingual(
            ko="시간 {name}은(는) 24:00에 시작하거나 00:00에 끝날 수 없습니다",
            en="hours {name} cannot begin at 24:00 or end at 00:00",
        ),
        Bilingual(ko="두 시각을 바꾸어 쓰십시오", en="exchange the two"),
    )
    SHARED_ADDRESSES = Wording(
        Bilingual(
            ko="{whose}의 {name}은(는) {others}의 {other}({line}행)와(과) 주소가 겹칩니다",
            en="{name} of {whose} shares addresses with {other} of {others} (line {line})",
        ),
        Bilingual(ko="한 주소는 한 회사의 것입니다", en="an address belongs to one organization"),
    )
    DESKTOP_TWICE = Wording(
        Bilingual(
            ko="데스크톱 {name}의 주소가 {other}와(과) 같습니다",
            en="desktop {name} has the address of {other}",
        ),
        Bilingual(ko="서로 다른 주소를 주십시오", en="give each its own address"),
    )
    NO_NUMBER_FOR_VLAN = Wording(
        Bilingual(
            ko="장소 {site}에 VLAN {name}의 번호가 없습니다", en="site {site} has no number for VLAN {name}"
        ),
        Bilingual(ko="`vlans: {site}:`에 추가하십시오", en="add it to `vlans: {site}:`"),
    )
    NOBODY_DECIDES = Wording(
        Bilingual(ko="승인할 사람이 없습니다", en="nobody could decide"),
        Bilingual(ko="`owners: [NAME@ORG]`를 추가하십시오", en="add `owners: [NAME@ORG]`"),
    )
    ZONE_OF_NOTHING = Wording(
        Bilingual(ko="망 구역 {name}에 아무것도 없습니다", en="zone {name} holds nothing"),
        Bilingual(ko="`holds:`나 `vlans:`를 추가하십시오", en="add `holds:` or `vlans:`"),
    )
    NO_ZONE = Wording(Bilingual(ko="망 구역 {name!r}이(가) 없습니다", en="there is no zone {name!r}"), HINT)
    IN_TWO_ZONES = Wording(
        Bilingual(ko="{thing}은(는) 이미 망 구역 {zone}에 있습니다", en="{thing} is in zone {zone} already"),
        Bilingual(ko="한 구역에만 남기십시오", en="leave it in one of them"),
    )
    SHARED_BY_ZONES = Wording(
        Bilingual(
            ko="{one}은(는) 같은 망 구역에 있지 않은 {other}와(과) 주소가 겹칩니다",
            en="{one} shares addresses with {other}, which is not in the same zone",
        ),
        Bilingual(
            ko="한 주소는 한 구역에 있습니다. 둘을 같은 구역에 넣거나 한쪽에서 그 주소를 빼십시오",
            en="an address is in one zone: put both into it, or take the address out of one",
        ),
    )
    GROUP_TWICE = Wording(
        Bilingual(ko="그룹 {name}이(가) 두 번 적혀 있습니다", en="group {name} stands here twice"),
        Bilingual(ko="한 번만 쓰십시오", en="write it once"),
    )
    COMPUTED_OF_NOTHING = Wording(
        Bilingual(
            ko="그룹 {name}을(를) 무엇으로 만드는지 적혀 있지 않습니다",
            en="group {name} is computed of nothing",
        ),
        Bilingual(ko="`any:`나 `all:`을 추가하십시오", en="add `any:` or `all:`"),
    )
    NOT_COMPUTABLE = Wording(
        Bilingual(ko="{term}은(는) 계산된 그룹에 넣을 수 없습니다", en="{term} can be in no computed group"),
        Bilingual(
            ko="그룹, 속성, 사용자, 회사로 쓰십시오", en="name groups, attributes, users and organizations"
        ),
    )
    OF_ANOTHER_COMPANY = Wording(
        Bilingual(ko="{term}은(는) {organization}의 것이 아닙니다", en="{term} is not of {organization}"),
        Bilingual(
            ko="계산된 그룹에는 한 회사의 사람만 있습니다",
            en="a computed group is of people of one organization",
        ),
    )
    CIRCLE = Wording(
        Bilingual(
            ko="그룹이 서로를 돌아가며 가리킵니다: {circle}", en="groups are computed in a circle: {circle}"
        ),
        Bilingual(ko="그중 하나를 빼십시오", en="take one of them out"),
    )
    NESTED_TOO_DEEP = Wording(
        Bilingual(
            ko="그룹이 {most}단계보다 깊이 들어 있습니다", en="groups are nested deeper than {most} levels"
        )
    )
    OPEN_TOO_LONG = Wording(
        Bilingual(ko="긴급 개방 {name!r}의 시간이 너무 깁니다", en="opening {name!r} is open for too long"),
        Bilingual(ko="4h까지 쓸 수 있습니다", en="at most 4h"),
    )
    CANNOT_OPEN = Wording(
        Bilingual(
            ko="긴급 개방 {name!r}(으)로 {object}을(를) 열 수 없습니다",
            en="opening {name!r} cannot open {object}",
        ),
        Bilingual(
            ko="{organization}의 대상만 쓰고, 로그인은 {logins} 중에서 쓰십시오",
            en="name objects of {organization}, and of logins {logins}",
        ),
    )
    CANNOT_LET_IN = Wording(
        Bilingual(
            ko="긴급 개방 {name!r}(으)로 {who}을(를) 들일 수 없습니다",
            en="opening {name!r} cannot let in {who}",
        ),
        Bilingual(
            ko="{organization}의 그룹이나 사람을 쓰십시오", en="name groups or people of {organization}"
        ),
    )
    TEST_TWICE = Wording(
        Bilingual(
            ko="테스트 {name!r}이(가) {line}행에 이미 있습니다",
            en="test {name!r} stands on line {line} already",
        ),
        Bilingual(ko="둘 중 하나의 이름을 바꾸십시오", en="rename one"),
    )
    TEST_OF_NOTHING = Wording(
        Bilingual(
            ko="테스트가 아무것도 허용하거나 거부하지 않습니다",
            en="the test neither accepts nor denies anything",
        ),
        Bilingual(ko="`accept:`나 `deny:`를 추가하십시오", en="add `accept:` or `deny:`"),
    )
    NOTHING_TO_GIVE = Wording(
        Bilingual(
            ko="gives를 받을 로그인이나 데스크톱이 accept에 없습니다",
            en="the test accepts no login or desktop that could give something",
        ),
        Bilingual(ko="`accept:`에 추가하십시오", en="add it to `accept:`"),
    )
    NOT_ONE_SUBJECT = Wording(
        Bilingual(
            ko="who에는 사용자 한 명이나 한 회사의 누군가를 써야 합니다",
            en="who is either a user or somebody of an organization",
        ),
        Bilingual(
            ko="{{user: NAME@ORG}}, {{groups: [ORG/NAME], organization: ORG}}, "
            "{{endpoint: MAC, organization: ORG}}, {{realm: NAME}} 중 하나로 쓰십시오",
            en="write {{user: NAME@ORG}}, {{groups: [ORG/NAME], organization: ORG}} "
            "or {{endpoint: MAC, organization: ORG}} or {{realm: NAME}}",
        ),
    )
    GROUP_IS_COMPUTED = Wording(
        Bilingual(ko="{group}은(는) 계산된 그룹입니다", en="{group} is computed"),
        Bilingual(ko="그 그룹을 만드는 것을 쓰십시오", en="name what it is computed of"),
    )
    UNREGISTERED_AND_MORE = Wording(
        Bilingual(
            ko="등록되지 않은 것(unregistered)은 다른 것일 수 없습니다",
            en="what is unregistered is nothing else",
        ),
        Bilingual(ko="하나만 남기십시오", en="leave one out"),
    )


@unique
class RuleMistake(Kind):
    """A rule that cannot mean what it says, or lacks what a rule of its kind has."""

    RULE_TWICE = Wording(
        Bilingual(
            ko="규칙 {rule!r}이(가) {line}행에 이미 있습니다",
            en="rule {rule!r} stands on line {line} already",
        ),
        Bilingual(ko="다른 id를 붙이십시오", en="give it another id"),
    )
    TWO_EFFECTS = Wording(
        Bilingual(ko="규칙에 {one}, {other}이(가) 함께 있습니다", en="the rule both {one}s and {other}s"),
        Bilingual(
            ko="`permit:`, `forbid:`, `require:` 중 하나만 쓰십시오",
            en="write one of `permit:`, `forbid:` and `require:`",
        ),
    )
    NO_EFFECT = Wording(
        Bilingual(
            ko="규칙이 아무것도 허용하거나 금지하지 않습니다", en="the rule neither permits nor forbids"
        ),
        Bilingual(
            ko="`permit:`, `forbid:`, `require:` 중 하나를 쓰십시오",
            en="write one of `permit:`, `forbid:` and `require:`",
        ),
    )
    FORBIDS_WITHOUT_REASON = Wording(
        Bilingual(ko="금지 규칙 {rule!r}에 이유가 없습니다", en="forbid {rule!r} has no reason"),
        Bilingual(
            ko="`reason:`을 추가하십시오. 막힌 사람이 읽게 됩니다",
            en="add `reason:`; whom it stops will read it",
        ),
    )
    NOTHING_TO_REVIEW = Wording(
        Bilingual(ko="{rule!r}은(는) 아무것도 허용하지 않습니다", en="{rule!r} permits nothing"),
        Bilingual(ko="허용 규칙만 검토합니다", en="only permits are reviewed"),
    )
    NOBODY_TO_REVIEW = Wording(
        Bilingual(ko="{rule!r}에 검토일은 있지만 소유자가 없습니다", en="{rule!r} has a review and no owner"),
        Bilingual(ko="다시 살펴볼 사람을 `owner:`에 적으십시오", en="add `owner:`, who has to look again"),
    )
    SPEAKS_FOR_STRANGERS = Wording(
        Bilingual(
            ko="규칙 {rule!r}은(는) {organization}의 규칙인데, {object}도 {who}도 그 회사의 것이 아닙니다",
            en="rule {rule!r} speaks for {organization}, but neither {object} nor {who} is theirs",
        ),
        Bilingual(
            ko="둘 중 하나의 회사를 organization에 쓰십시오", en="let the organization of one of them speak"
        ),
    )
    FORBIDS_FRESH_CODES = Wording(
        Bilingual(
            ko="금지 규칙에 otp_age를 쓰면 방금 인증한 사람이 막힙니다",
            en="a forbid with otp_age would stop those whose code is fresh",
        ),
        Bilingual(ko="허용 규칙에서 인증 번호를 요구하십시오", en="ask for the code on the permit"),
    )
    FORBIDS_FEW_SESSIONS = Wording(
        Bilingual(
            ko="금지 규칙에 sessions를 쓰면 접속이 적은 사람이 막힙니다",
            en="a forbid with sessions would stop those who have few",
        ),
        Bilingual(
            ko="허용 규칙이나 `require:`에서 요구하십시오",
            en="ask for them on the permit, or under `require:`",
        ),
    )
    ENDS_BEFORE_IT_BEGINS = Wording(
        Bilingual(ko="valid_to가 valid_from보다 늦지 않습니다", en="valid_to is not after valid_from"),
        Bilingual(ko="두 시각을 바꾸어 쓰십시오", en="exchange the two"),
    )
    CROSSES_AND_PERMITS_NOTHING = Wording(
        Bilingual(
            ko="{rule!r}에 crosses가 있지만 아무것도 허용하지 않습니다",
            en="{rule!r} crosses zones and permits nothing",
        ),
        Bilingual(ko="`crosses:`를 빼십시오", en="take `crosses:` away"),
    )
    CROSSES_WITHOUT = Wording(
        Bilingual(
            ko="{rule!r}에 crosses가 있지만 {key} 키가 없습니다", en="{rule!r} crosses zones and has no {key}"
        ),
        _ADD_KEY,
    )
    VLAN_OF_ANOTHER_ZONE = Wording(
        Bilingual(
            ko="규칙 {rule!r}이(가) 망 구역 {zone}의 {object}에 망 구역 {of}의 VLAN {vlan}을(를) 줍니다",
            en="rule {rule!r} gives VLAN {vlan} of zone {of} to {object} of zone {zone}",
        ),
        Bilingual(ko="한 단말은 한 망 구역에 있습니다", en="an endpoint is in one zone"),
    )
    TIER_LACKS = Wording(
        Bilingual(ko="{tier} 규칙 {rule!r}에 {key} 키가 없습니다", en="{tier} {rule!r} has no {key}"),
        _ADD_KEY,
    )
    TEMPORARY_WITHOUT_END = Wording(
        Bilingual(ko="temporary 규칙 {rule!r}에 끝이 없습니다", en="temporary {rule!r} has no end"),
        Bilingual(ko="`valid_to:`를 추가하십시오", en="add `valid_to:`"),
    )
    REQUIRES_BELOW_GUARDRAIL = Wording(
        Bilingual(
            ko="{rule!r}은(는) require를 쓰지만 guardrail이 아닙니다",
            en="{rule!r} requires and is no guardrail",
        ),
        Bilingual(ko="`tier: guardrail`을 추가하십시오", en="add `tier: guardrail`"),
    )
    REQUIRES_NOTHING = Wording(
        Bilingual(ko="{rule!r}이(가) 요구하는 조건이 없습니다", en="{rule!r} requires nothing"),
        Bilingual(ko="갖추어야 할 조건을 `when:`에 쓰십시오", en="add `when:` with what has to hold"),
    )
    REQUIRES_FOR_A_TIME = Wording(
        Bilingual(
            ko="{rule!r}은(는) 정한 기간이 아닐 때 모든 것을 금지하게 됩니다",
            en="{rule!r} would forbid everything outside of its time",
        ),
        Bilingual(
            ko="valid_from과 valid_to를 빼고, 기간이 끝나면 규칙을 지우십시오",
            en="leave valid_from and valid_to out, and take the rule away when it ends",
        ),
    )
    DESKTOP_OF_NO_POOL = Wording(
        Bilingual(
            ko="desktop은 vdi:NAME을 허용하는 규칙에만 쓸 수 있습니다",
            en="only a permit of vdi:NAME gives a desktop",
        ),
        _OF_ITS_OWN,
    )
    GIVES_WITHOUT_LOGIN = Wording(
        Bilingual(
            ko="gives는 로그인을 허용하는 규칙에만 쓸 수 있습니다",
            en="only a permit of logins gives something",
        ),
        Bilingual(ko="`gives:`를 로그인 규칙으로 옮기십시오", en="move `gives:` to the login's rule"),
    )
    NOT_FOR_DEVICES = Wording(
        Bilingual(ko="{login}에는 {name}을(를) 줄 수 없습니다", en="{login} gives no {name}"), _OF_ITS_OWN
    )
    PRIVILEGE_IS_FOR_DEVICES = Wording(
        Bilingual(ko="privilege는 {login}에만 줄 수 있습니다", en="only {login} gives a privilege"),
        _OF_ITS_OWN,
    )
    NOT_FOR_LOGINS = Wording(
        Bilingual(ko="로그인에는 {name}을(를) 줄 수 없습니다", en="a login gives no {name}"),
        Bilingual(ko="vdi:NAME을 위한 규칙을 따로 쓰십시오", en="write a rule of its own for vdi:NAME"),
    )
    FOR_ONE_LOGIN = Wording(
        Bilingual(ko="{name}은(는) {login}에만 줄 수 있습니다", en="only {login} gives {name}"), _OF_ITS_OWN
    )
    ADDRESS_FOR_MANY = Wording(
        Bilingual(
            ko="주소는 한 사람이나 한 단말에게만 줄 수 있습니다",
            en="an address is for one person or endpoint",
        ),
        Bilingual(
            ko="user:NAME@ORG나 endpoint:MAC 하나를 쓰십시오", en="name one user:NAME@ORG or endpoint:MAC"
        ),
    )
    ADDRESS_TWICE = Wording(
        Bilingual(
            ko="{address}은(는) 이미 {who}의 주소입니다({line}행)",
            en="{address} is that of {who} already (line {line})",
        ),
        Bilingual(ko="다른 주소를 주십시오", en="give another"),
    )

"""What can be wrong with the text of a policy document: its YAML, its tables and lists, a part put back."""

from enum import unique

from access.model import Bilingual
from access.words.phrase import Kind, Wording
from access.words.value_mistakes import HINT


@unique
class Thing(Kind):
    """What an entry of a document is called."""

    DOCUMENT = Wording(Bilingual(ko="문서", en="the document"))
    TEXT = Wording(Bilingual(ko="글", en="the text"))
    A_RULE = Wording(Bilingual(ko="규칙", en="a rule"))
    A_TEST = Wording(Bilingual(ko="테스트", en="a test"))
    RULE = Wording(Bilingual(ko="규칙 {name}", en="rule {name}"))
    TEST = Wording(Bilingual(ko="테스트 {name}", en="test {name}"))
    NETWORK = Wording(Bilingual(ko="네트워크 {name}", en="network {name}"))
    POOL = Wording(Bilingual(ko="데스크톱 풀 {name}", en="pool {name}"))
    HOLIDAYS = Wording(Bilingual(ko="휴일 {name}", en="holidays {name}"))
    HOURS = Wording(Bilingual(ko="시간 {name}", en="hours {name}"))
    VLANS_OF = Wording(Bilingual(ko="{site}의 VLAN", en="the VLANs of {site}"))
    ZONE = Wording(Bilingual(ko="망 구역 {name}", en="zone {name}"))
    GROUP = Wording(Bilingual(ko="그룹 {name}", en="group {name}"))
    OPENING = Wording(Bilingual(ko="긴급 개방 {name}", en="opening {name}"))
    VLAN = Wording(Bilingual(ko="VLAN {name}", en="VLAN {name}"))
    SECTION = Wording(Bilingual(ko="{name}", en="{name}"))


@unique
class TextMistake(Kind):
    """A text that is no document, or a table or list in it that is none."""

    TOO_LARGE = Wording(
        Bilingual(ko="문서가 {most}바이트를 넘습니다", en="the document is larger than {most} bytes"),
        Bilingual(ko="여러 설치로 나누십시오", en="split the installation"),
    )
    BOTH_SIDES = Wording(
        Bilingual(ko="병합할 때 양쪽 내용이 다 남았습니다", en="a merge has left both sides here"),
        Bilingual(ko="한쪽만 남기고 표시 줄을 지우십시오", en="keep one, without the lines of marks"),
    )
    NOT_YAML = Wording(
        Bilingual(ko="YAML 형식이 아닙니다: {said}", en="this is not YAML: {said}"),
        Bilingual(ko="{advice}", en="{advice}"),
    )
    NOT_YAML_TEXT = Wording(
        Bilingual(ko="YAML로 읽을 수 있는 글이 아닙니다: {said}", en="this is not YAML text: {said}"),
        Bilingual(ko="UTF-8로 저장하십시오", en="save it as UTF-8"),
    )
    SECOND_DOCUMENT = Wording(
        Bilingual(ko="여기서 두 번째 문서가 시작됩니다", en="a second document begins here"),
        Bilingual(ko="모두 한 문서에 쓰십시오", en="keep everything in one document"),
    )
    ANCHOR = Wording(
        Bilingual(ko="앵커(&) {name!r}은(는) 쓸 수 없습니다", en="the anchor {name!r} is not allowed"),
        Bilingual(ko="값을 그대로 쓰십시오", en="write the value out"),
    )
    ALIAS = Wording(
        Bilingual(ko="별칭(*) {name!r}은(는) 쓸 수 없습니다", en="the alias {name!r} is not allowed"),
        Bilingual(ko="값을 그대로 쓰십시오", en="write the value out"),
    )
    TAG = Wording(
        Bilingual(ko="태그(!)는 쓸 수 없습니다", en="a tag (!) is not allowed"),
        Bilingual(ko="값만 쓰십시오", en="write a plain value"),
    )
    TOO_DEEP = Wording(
        Bilingual(ko="{most}단계보다 깊이 들어 있습니다", en="nested deeper than {most} levels"),
        Bilingual(ko="들여쓰기 단계를 줄이십시오", en="nest less: a policy is flat"),
    )
    KEY_IS_NO_WORD = Wording(
        Bilingual(
            ko="키는 목록이나 표가 아니라 단어여야 합니다", en="a key must be a word, not a list or a table"
        ),
        Bilingual(ko="`key: value`처럼 쓰십시오", en="write `key: value`"),
    )
    NO_SECTIONS = Wording(
        Bilingual(ko="문서에 섹션이 없습니다", en="the document is not a table of sections"),
        Bilingual(ko="`version: 1`로 시작하십시오", en="begin with `version: 1`"),
    )
    UNKNOWN_VERSION = Wording(
        Bilingual(ko="알 수 없는 형식 버전입니다", en="this version of the format is not known"),
        Bilingual(ko="`version: {version}`이라고 쓰십시오", en="write `version: {version}`"),
    )
    NOT_ONE_VALUE = Wording(
        Bilingual(
            ko="여기에는 목록이나 표가 아니라 값 하나를 써야 합니다",
            en="one value belongs here, not a list or a table",
        )
    )
    NOT_A_LIST = Wording(
        Bilingual(ko="여기에는 표가 아니라 목록을 써야 합니다", en="a list belongs here, not a table"),
        Bilingual(ko="[one, two]처럼 쓰십시오", en="write [one, two]"),
    )
    EMPTY_LIST = Wording(
        Bilingual(ko="목록이 비어 있습니다", en="the list is empty"),
        Bilingual(ko="하나 이상 쓰거나 키를 지우십시오", en="name at least one, or leave the key out"),
    )
    WORD_TWICE = Wording(
        Bilingual(ko="{text!r}이(가) 두 번 적혀 있습니다", en="{text!r} stands here twice"),
        Bilingual(ko="한 번만 쓰십시오", en="write it once"),
    )
    NO_SUCH_KEY = Wording(
        Bilingual(ko="{what}에는 {key!r} 키가 없습니다", en="{what} has no key {key!r}"), HINT
    )
    LACKS_KEY = Wording(
        Bilingual(ko="{what}에 {key!r} 키가 빠져 있습니다", en="{what} lacks {key!r}"),
        Bilingual(ko="`{key}:`을(를) 추가하십시오", en="add `{key}:`"),
    )
    NOT_A_TABLE = Wording(
        Bilingual(ko="{what}에는 키와 값의 표를 써야 합니다", en="{what} is a table of keys and values"),
        Bilingual(ko="`key: value`처럼 쓰십시오", en="write `key: value`"),
    )
    NOT_A_LIST_OF_ENTRIES = Wording(
        Bilingual(ko="{what}에는 목록을 써야 합니다", en="{what} is a list"),
        Bilingual(ko="각 항목을 붙임표(-)로 시작하십시오", en="begin each entry with a dash"),
    )
    KEY_TWICE = Wording(
        Bilingual(ko="{key!r}이(가) {line}행에 이미 있습니다", en="{key!r} stands on line {line} already"),
        Bilingual(ko="하나만 남기십시오", en="keep one of them"),
    )
    NO_VALUE = Wording(
        Bilingual(ko="{key!r}에 값이 없습니다", en="{key!r} has no value"),
        Bilingual(ko="값을 쓰거나 키를 지우십시오", en="write one or remove the key"),
    )


@unique
class EditMistake(Kind):
    """A document, or a company's part of one, that cannot be changed in the way that was asked for."""

    NO_NEW_ID = Wording(
        Bilingual(
            ko="새 규칙에는 다른 규칙과 겹치지 않는 id가 있어야 하는데, {id!r}은(는) 그렇지 않습니다.",
            en="A new rule has an id of its own; {id!r} is none.",
        )
    )
    RULES_ARE_NO_LIST = Wording(Bilingual(ko="`rules:`가 목록이 아닙니다.", en="`rules:` is no list."))
    RULES_OF_ONE_NAME = Wording(
        Bilingual(ko="{id!r} 규칙이 둘 이상 있습니다.", en="More than one rule is called {id!r}.")
    )
    NAME_BOTH = Wording(
        Bilingual(
            ko="값은 섹션 안에 있습니다. 둘 다 적으십시오.", en="A value stands in a section: name both."
        )
    )
    PATH_IS_NO_TABLE = Wording(Bilingual(ko="{path}이(가) 표가 아닙니다.", en="{path} is no table."))
    CANNOT_BE_CHANGED = Wording(
        Bilingual(
            ko="문서의 이 부분은 여기서 바꿀 수 없는 방식으로 적혀 있습니다.",
            en="This place of the document is written in a way that cannot be changed here.",
        )
    )
    NOT_THERE = Wording(
        Bilingual(ko="이 문서에 {name!r}이(가) 없습니다.", en="There is no {name!r} in this document.")
    )
    NO_RULES = Wording(Bilingual(ko="문서에 규칙이 없습니다.", en="The document has no rules."))
    NOTHING_TO_TAKE_AWAY = Wording(
        Bilingual(ko="지울 {key!r}이(가) 없습니다.", en="There is no {key!r} to take away.")
    )
    BEGINS_ITS_ENTRY = Wording(
        Bilingual(
            ko="{key!r}은(는) 항목의 첫 키여서 지울 수 없습니다.",
            en="{key!r} begins its entry and cannot be taken away.",
        )
    )
    HEAD_OFFICES_SECTION = Wording(
        Bilingual(
            ko="{section!r} 섹션은 본사의 것입니다. 빼십시오.",
            en="The section {section!r} is the head office's: leave it out.",
        )
    )
    TWO_OF_ONE_NAME = Wording(Bilingual(ko="{place}이(가) 둘 있습니다.", en="There are two of {place}."))
    SECTION_IS_A_LIST = Wording(Bilingual(ko="`{section}:`에는 목록을 씁니다.", en="`{section}:` is a list."))
    SECTION_IS_A_TABLE = Wording(Bilingual(ko="`{section}:`에는 표를 씁니다.", en="`{section}:` is a table."))
    ENTRY_WITHOUT_NAME = Wording(
        Bilingual(
            ko="`{section}:`의 모든 항목에는 {name!r}이(가) 있어야 합니다.",
            en="Every entry of `{section}:` has a {name!r}.",
        )
    )
    WRITTEN_IN_ONE_LINE = Wording(
        Bilingual(
            ko="먼저 본사에서 `{section}:`의 항목을 한 줄에 하나씩 써야 합니다.",
            en="The head office has to write `{section}:` one entry below the other first.",
        )
    )

"""What the YAML parser stumbled over, in both languages: it says it in English, and in no other way.

English pages and commands show its own words. Korean ones show those of the first row whose pattern is found
in them; tests/access/words/test_yaml_errors.py holds the rows against everything the parser can say.
"""

import re

from access.model import Bilingual

NO_ADVICE = Bilingual("", "")
_QUOTES = Bilingual(ko="그 글을 따옴표로 묶으십시오", en="put the text in quotes")
_OTHERWISE, _SOMETHING = "여기를 읽을 수 없습니다", "내용"
# What a parser says, what that is in Korean, and what to do about it.
_PROBLEMS = (
    (
        r"character '\\t' that cannot start any token",
        "들여쓰기에 탭 문자가 있습니다",
        Bilingual(ko="탭 대신 공백으로 들여 쓰십시오", en="indent with spaces, never with tabs"),
    ),
    (r"found character (.+) that cannot start any token", r"값은 \1(으)로 시작할 수 없습니다", _QUOTES),
    (r"could not find expected ':'", "키 뒤에 ':'이 없습니다", NO_ADVICE),
    (r"sequence entries are not allowed here", "여기에는 목록('-')을 쓸 수 없습니다", NO_ADVICE),
    (
        r"mapping values are not allowed here",
        "여기에는 '키: 값'을 쓸 수 없습니다",
        Bilingual(
            ko="콜론이 든 글은 따옴표로 묶고, 들여쓰기를 확인하십시오",
            en="put a text that has a colon in quotes, and check the indentation",
        ),
    ),
    (
        r"expected <block end>",
        "위의 항목과 들여쓰기가 맞지 않습니다",
        Bilingual(ko="위의 항목과 줄을 맞추십시오", en="line this up with the entry above it"),
    ),
    (
        r"unexpected end of stream",
        "여기서 시작한 따옴표가 닫히지 않았습니다",
        Bilingual(ko="따옴표를 닫으십시오", en="close the quote"),
    ),
    (r"unexpected document separator", "따옴표가 닫히기 전에 문서 구분선이 있습니다", NO_ADVICE),
    (
        r"expected ',' or",
        "쉼표나 닫는 괄호가 있어야 할 자리에 다른 것이 있습니다",
        Bilingual(ko="괄호를 닫으십시오", en="close the bracket"),
    ),
    (
        r"unknown escape character (.+)",
        r"큰따옴표 안에 알 수 없는 표기 \\\1이(가) 있습니다",
        Bilingual(ko="작은따옴표로 묶으십시오: '...'", en="write single quotes around it: '...'"),
    ),
    (
        r"expected alphabetic or numeric character",
        "여기에는 글자나 숫자가 와야 합니다",
        _QUOTES,
    ),
    (r"hexdecimal numbers", "역슬래시 뒤의 16진수가 올바르지 않습니다", NO_ADVICE),
    (r"found unexpected ':'", "여기에는 ':'을 쓸 수 없습니다", NO_ADVICE),
    (r"indentation indicator|chomping", "|나 > 뒤의 표시가 올바르지 않습니다", NO_ADVICE),
    (r"more indented follow up line", "여러 줄로 쓴 글의 들여쓰기가 맞지 않습니다", NO_ADVICE),
    (r"expected a comment or a line break", "여기서 줄을 바꾸어야 합니다", NO_ADVICE),
    (r"expected the node content", "값이 있어야 할 자리에 다른 것이 있습니다", NO_ADVICE),
    (r"expected '<document start>'|after document end", "문서가 끝난 뒤에 다른 내용이 있습니다", NO_ADVICE),
    (r"mapping keys are not allowed here", "여기에는 키를 쓸 수 없습니다", NO_ADVICE),
    (r"expected (?:a digit|' ')|directive", "%로 시작하는 지시문이 올바르지 않습니다", NO_ADVICE),
    (r"incompatible YAML document", "YAML 1.x 문서가 아닙니다", NO_ADVICE),
    (r"tag handle|expected (?:'>'|'!'|URI)|can't decode", "태그(!)가 올바르지 않습니다", NO_ADVICE),
    (r"unacceptable character (#x[0-9a-f]+)", r"쓸 수 없는 문자 \1이(가) 있습니다", NO_ADVICE),
)
_CONTEXTS = (
    (r"flow sequence", "대괄호로 묶은 목록"),
    (r"flow mapping", "중괄호로 묶은 표"),
    (r"block mapping", "표"),
    (r"block collection|block sequence", "목록"),
    (r"quoted scalar", "따옴표로 묶은 글"),
    (r"scalar", "글"),
    (r"simple key", "키"),
    (r"directive", "지시문"),
    (r"tag", "태그"),
    (r"anchor", "앵커"),
    (r"alias", "별칭"),
)


def problem_of(said: str) -> tuple[Bilingual, Bilingual]:
    """What the parser says is wrong, and what to do about it, where there is something to say."""
    for pattern, korean, advice in _PROBLEMS:
        if (found := re.search(pattern, said)) is not None:
            return Bilingual(ko=found.expand(korean), en=said), advice
    return Bilingual(ko=_OTHERWISE, en=said), NO_ADVICE


def within(said: Bilingual, context: str, line: int) -> Bilingual:
    """The same, with what the parser was in the middle of and the line on which that begins."""
    korean = next((korean for pattern, korean in _CONTEXTS if re.search(pattern, context)), _SOMETHING)
    return Bilingual(
        ko=f"{said.ko}({line}행에서 시작한 {korean})", en=f"{said.en} ({context} that begins on line {line})"
    )

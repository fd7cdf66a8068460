"""What is wrong with a request, which the library that reads it says in English, for the reader."""

import re
from collections.abc import Iterable
from typing import Any

# What marshmallow and webargs say of the fields and bounds that our schemas have. Each is a whole sentence.
_SENTENCES: Iterable[tuple[str, str]] = (
    (r"Missing data for required field\.", "반드시 있어야 합니다."),
    (r"Field may not be null\.", "null일 수 없습니다."),
    (r"Unknown field\.", "없는 항목입니다."),
    (r"Invalid input type\.", "JSON 객체가 아닙니다."),
    (r"Invalid value\.", "잘못된 값입니다."),
    (r"Invalid JSON body\.", "올바른 JSON이 아닙니다."),
    (r"Not a valid string\.", "문자열이 아닙니다."),
    (r"Not a valid utf-8 string\.", "올바른 UTF-8 문자열이 아닙니다."),
    (r"Not a valid number\.", "숫자가 아닙니다."),
    (r"Not a valid integer\.", "정수가 아닙니다."),
    (r"Number too large\.", "너무 큰 수입니다."),
    (r"Special numeric values \(nan or infinity\) are not permitted\.", "NaN이나 무한대는 쓸 수 없습니다."),
    (r"Not a valid IP address\.", "IP 주소가 아닙니다."),
    (r"Not a valid datetime\.", "시각이 아닙니다. 2026-11-17T14:03:00+09:00처럼 쓰십시오."),
    (r"Not a valid aware datetime\.", "시간대가 없는 시각입니다. 2026-11-17T14:03:00+09:00처럼 쓰십시오."),
    (r"Shorter than minimum length (\d+)\.", r"\1자 이상이어야 합니다."),
    (r"Longer than maximum length (\d+)\.", r"\1자 이하여야 합니다."),
    (r"Length must be between (\d+) and (\d+)\.", r"\1자 이상 \2자 이하여야 합니다."),
    (
        r"Must be greater than or equal to (.+) and less than or equal to (.+)\.",
        r"\1 이상 \2 이하여야 합니다.",
    ),
    (r"Must be one of: (.+)\.", r"다음 가운데 하나여야 합니다: \1."),
)
_KOREAN = tuple((re.compile(english), korean) for english, korean in _SENTENCES)


def in_language(mistakes: Any, language: str) -> Any:
    """Return the mistakes of a request, told in "ko" or as they are; the names of fields stay.

    mistakes: sentences, in lists and under the names of the fields that they are about.
    """
    if language != "ko":
        return mistakes
    if isinstance(mistakes, dict):
        return {name: in_language(each, language) for name, each in mistakes.items()}
    if isinstance(mistakes, list):
        return [in_language(each, language) for each in mistakes]
    return _in_korean(mistakes)


def _in_korean(sentence: str) -> str:
    for english, korean in _KOREAN:
        found = english.fullmatch(sentence)
        if found is not None:
            return found.expand(korean)
    return sentence

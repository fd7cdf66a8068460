"""What somebody typed, as a pattern that matches it and nothing else. ◆"""

import unicodedata

from sqlalchemy import ColumnElement, func

_ESCAPE = "\\"


def begins_with(column: ColumnElement[str] | ColumnElement[str | None], text: str) -> ColumnElement[bool]:
    """Whether the column begins with text, upper and lower case alike, however its syllables are composed.

    Folding case costs PostgreSQL most of the time of a search, and Korean has none to fold.
    """
    text = unicodedata.normalize("NFC", text)
    pattern = f"{_literal(text.lower())}%"
    if text.lower() == text.upper():
        return column.like(pattern, escape=_ESCAPE)
    return func.lower(column).like(pattern, escape=_ESCAPE)


def holds(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether text stands anywhere in the column, as it is written there."""
    return column.like(f"%{_literal(text)}%", escape=_ESCAPE)


def _literal(text: str) -> str:
    for char in (_ESCAPE, "%", "_"):
        text = text.replace(char, _ESCAPE + char)
    return text

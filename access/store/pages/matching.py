"""What somebody typed, as a pattern that matches it and nothing else. ◆"""

from sqlalchemy import ColumnElement

_ESCAPE = "\\"


def begins_with(column: ColumnElement[str] | ColumnElement[str | None], text: str) -> ColumnElement[bool]:
    """Whether the column begins with text, upper and lower case alike."""
    return column.ilike(f"{_literal(text)}%", escape=_ESCAPE)


def holds(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether text stands anywhere in the column."""
    return column.ilike(f"%{_literal(text)}%", escape=_ESCAPE)


def _literal(text: str) -> str:
    for char in (_ESCAPE, "%", "_"):
        text = text.replace(char, _ESCAPE + char)
    return text

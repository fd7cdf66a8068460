"""What people type, read forgivingly."""

from access.words import casecode


def read_case(text: str) -> str | None:
    """The case code in a text; None if there is none in it."""
    try:
        return casecode.parse(text)
    except casecode.BadCaseCode:
        return None


def show_case(code: str) -> str:
    """A case code as it was shown to the person: XXXX-XXXX."""
    return casecode.show(code)

"""Tells the audit whom a visitor of the console looked at. ◆"""

from access.console.admin.scope import own
from access.console.current import gate, now, visitor
from access.records.looking import Look


def looked_at(page: str, user_id: int) -> None:
    """The visitor has a person's page before them. One's own is nobody else's matter."""
    if user_id != visitor().user.id:
        _tell(page, user_id)


def looked_through(page: str, text: str) -> None:
    """The visitor has a list before them, of what fits a text."""
    _tell(page, None, text)


def _tell(page: str, user_id: int | None, text: str = "") -> None:
    viewer = visitor().user
    look = Look(f"{viewer.name}@{viewer.organization}", page, own().id, user_id, text)
    gate().pages.note_look(look, now())

"""The visitor as Flask-Login knows one. ◆"""

from flask import Request
from flask_login import UserMixin

from access.console.current import visitor_or_none_calmly
from access.model import Role
from access.proof.signin import Visitor


class Person(UserMixin):  # type: ignore[misc]
    """Somebody signed in all the way: a half of a sign-in is nobody yet."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor

    def get_id(self) -> str:
        """The id of the session, not of the user: it is the session that ends."""
        return self.visitor.session.id


def who_sends(_request: Request) -> Person | None:
    """Return who sends the request, by the session kept on our side."""
    visitor = visitor_or_none_calmly()
    return Person(visitor) if visitor and Role.EMPLOYEE in visitor.roles else None

"""An accept that is recorded and has not left: until it does, it may still be decided otherwise."""

from dataclasses import dataclass

from radius.effects import Send
from radius.login import Login
from radius.questions import Authorize, Granted
from radius.request import Request


@dataclass(slots=True, eq=False)
class Unsent:
    """Nobody has been let in by it yet."""

    request: Request
    login: Login
    granted: Granted
    send: Send

    @property
    def question(self) -> Authorize:
        """What was asked of the application."""
        assert self.login.latest is not None, "nobody is let in without having been decided about"
        return self.login.latest

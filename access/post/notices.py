"""The way to people's mail boxes for what has to leave at once. ▸

What happens to an account is told by letters (access.post.letters), written in the transaction of what
happened and sent when the mail server takes them. A code by e-mail is neither kept nor sent late.
"""

from dataclasses import dataclass
from typing import Protocol

from access.errors import Unavailable


class Notices(Protocol):
    """A way to people's mail boxes."""

    @property
    def ready(self) -> bool:
        """Whether there is such a way at all."""

    def send(self, to: str, subject: str, body: str) -> None:
        """Send one message now. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class NoNotices:
    """An installation without a mail server."""

    ready: bool = False

    def send(self, to: str, subject: str, body: str) -> None:
        """Say that nothing can be sent."""
        raise Unavailable(f"no mail server is set up: {subject!r} was not sent to {to}, {len(body)} letters")


NO_NOTICES = NoNotices()

"""The root of what `access` raises, by whose fault it is. A shell turns each into one line for people."""


class AccessError(Exception):
    """Something went wrong that a person can act on: the message says what happened and what to do next."""


class Misconfigured(AccessError):
    """The installation is set up wrongly: an operator has to change something before it can work."""


class Unavailable(AccessError):
    """The world does not answer at the moment: trying again later may work."""


class Refused(AccessError):
    """What was asked for cannot be done as it stands: whoever asked has to ask for something else.

    korean: the same message for Korean pages, where it can come to one.
    """

    def __init__(self, message: str, korean: str = "") -> None:
        super().__init__(message)
        self.korean = korean

    def to(self, language: str) -> str:
        """The message in a language: "ko" where it has Korean, or English."""
        return self.korean if language == "ko" and self.korean else str(self)

"""One way to check a password, whichever company the person is of. ◆"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from access.directory.password import PasswordChecker
from access.directory.settings import DirectorySettings
from access.directory.verdict import PasswordOutcome
from access.model import User

# No directory has it. A bind as it is refused like a wrong password, and nobody's account gets locked.
NOBODY = "cn=officegate-nobody"


@dataclass(frozen=True)
class Credentials:
    """The directories of all companies, each by the company's key."""

    directories: Mapping[str, DirectorySettings]
    checkers: Mapping[str, PasswordChecker]

    def check(self, organization: str | None, user: User | None, password: str) -> PasswordOutcome:
        """Bind as user. Where there is none, bind as nobody: an outsider waits as long for the same answer.

        A company we do not know is asked for at the first one's directory.
        """
        key = organization if organization in self.checkers else next(iter(self.checkers), None)
        if key is None:
            return PasswordOutcome.WRONG
        if user is None or key != organization:
            outcome = self.checkers[key].check(f"{NOBODY},{self.directories[key].user_base}", password)
            away = outcome is PasswordOutcome.UNAVAILABLE
            return PasswordOutcome.UNAVAILABLE if away else PasswordOutcome.WRONG
        return self.checkers[key].check(user.dn, password)

    def close(self) -> None:
        """Close every connection."""
        for checker in self.checkers.values():
            checker.close()


def open_credentials(directories: Mapping[str, DirectorySettings], clock: Callable[[], float]) -> Credentials:
    """Return the directories by company; connects at the first check. clock is monotonic seconds."""
    checkers = {key: PasswordChecker(settings, clock) for key, settings in directories.items()}
    return Credentials(directories, checkers)

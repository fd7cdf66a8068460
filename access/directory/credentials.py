"""One way to check a password, whichever company and directory the person is of. ◆"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from access.directory.mschap import MschapAnswer, Source
from access.directory.ntlm_helpers import NtlmHelpers
from access.directory.password import PasswordChecker
from access.directory.samba_password import SambaPasswords
from access.directory.settings import DirectorySettings
from access.directory.silences import SharedSilence
from access.directory.verdict import PasswordOutcome
from access.model import User, directory_key
from radius.questions import MschapExchange

# No directory has it. A bind as it is refused like a wrong password, and nobody's account gets locked.
NOBODY = "cn=officegate-nobody"


class LocalChecker(Protocol):
    """Who knows the passwords of people that are in no directory."""

    def check(self, user: User, password: str) -> PasswordOutcome:
        """Return what became of a password."""


@dataclass(frozen=True)
class Credentials:
    """The directories of all companies, each as access.model.directory_key calls it.

    Of one company the first comes before the others: it is asked about nobody.
    """

    directories: Mapping[str, DirectorySettings]
    checkers: Mapping[str, PasswordChecker]
    samba: Mapping[str, SambaPasswords] = field(default_factory=dict)
    ntlm: Mapping[str, NtlmHelpers] = field(default_factory=dict)
    local: LocalChecker | None = None

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
        if user.is_local:
            return self.local.check(user, password) if self.local else PasswordOutcome.WRONG
        own = directory_key(key, user.directory)
        if own not in self.checkers:
            return self.check(organization, None, password)
        return self.checkers[own].check(user.dn, password)

    def is_silent(self, organization: str, user: User) -> bool:
        """Whether the directory of somebody said nothing when it was asked last, a short while ago."""
        checker = self.checkers.get(directory_key(organization, user.directory))
        return checker is not None and not user.is_local and checker.is_silent()

    def nt_hashes_of(self, organization: str | None) -> frozenset[Source]:
        """Who knows NT hashes of people of a company; of one that is none of ours, what the first has."""
        key = organization if organization in self.directories else next(iter(self.directories), None)
        own = [each for each in self.directories if each.partition("/")[0] == key]
        named = {name for each in own for name in self.directories[each].mschap}
        return frozenset(Source(name) for name in named) - {Source.NONE}

    def mschap(self, organization: str | None, user: User | None, exchange: MschapExchange) -> MschapAnswer:
        """Ask whoever knows the NT hashes of a company, one after the other while they have none of user."""
        answer = MschapAnswer(PasswordOutcome.NO_HASH if user else PasswordOutcome.WRONG)
        if user is None or organization is None or user.is_local:
            return answer
        key = directory_key(organization, user.directory)
        if key not in self.directories:
            return answer
        for source in self.directories[key].mschap:
            if source == Source.SAMBA:
                answer = self.samba[key].check(user.dn, exchange)
            elif source == Source.NTLM_AUTH:
                answer = self.ntlm[key].check(user.name, exchange)
            if answer.outcome is not PasswordOutcome.NO_HASH:
                return answer
        return answer

    def asked(self) -> dict[str, bool]:
        """Whether each directory is asked at the moment, or spared because it hangs."""
        return {key: checker.is_asked for key, checker in self.checkers.items()}

    def servers(self) -> dict[str, str]:
        """The server that passwords of each directory were checked at last."""
        return {key: checker.server for key, checker in self.checkers.items()}

    def close(self) -> None:
        """Close every connection, and end every helper."""
        for checker in self.checkers.values():
            checker.close()
        for hashes in self.samba.values():
            hashes.close()
        for helpers in self.ntlm.values():
            helpers.close()


def open_credentials(
    directories: Mapping[str, DirectorySettings],
    clock: Callable[[], float],
    local: LocalChecker | None = None,
    shared: Path | None = None,
) -> Credentials:
    """Return them all; connects at the first check. clock is monotonic seconds.

    shared: the folder in which processes tell one another which directories are silent.
    """
    checkers = {
        key: PasswordChecker(
            settings, clock, SharedSilence(shared / quote(key, safe="")) if shared is not None else None
        )
        for key, settings in directories.items()
    }
    samba = {
        key: SambaPasswords(settings, clock)
        for key, settings in directories.items()
        if Source.SAMBA in settings.mschap
    }
    ntlm = {
        key: NtlmHelpers(settings, clock)
        for key, settings in directories.items()
        if Source.NTLM_AUTH in settings.mschap
    }
    return Credentials(directories, checkers, samba, ntlm, local)

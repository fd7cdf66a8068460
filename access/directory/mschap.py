"""Where an NT hash comes from, and what is said of a response that was made with one."""

from dataclasses import dataclass, field
from enum import StrEnum

from access.directory.verdict import PasswordOutcome


class Source(StrEnum):
    """Who can tell whether a response of MSCHAPv2 is right."""

    NETWORK_PASSWORD = "network-password"  # noqa: S105 - a source
    SAMBA = "sambaNTPassword"
    NTLM_AUTH = "ntlm_auth"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MschapAnswer:
    """What became of a response. key (MD4 of the NT hash, 16 octets) is there exactly if it was right."""

    outcome: PasswordOutcome
    key: bytes = field(default=b"", repr=False)

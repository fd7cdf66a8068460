"""How one organization's directory is reached and read."""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address


class Tls(StrEnum):
    """How the connection is protected. NONE sends passwords in clear and has to be allowed explicitly."""

    NONE = "none"
    STARTTLS = "starttls"
    LDAPS = "ldaps"


class Kind(StrEnum):
    """What a directory speaks beyond LDAP. AUTO: the server is asked; OPENLDAP: whatever is not the other."""

    AUTO = "auto"
    OPENLDAP = "openldap"
    ACTIVE_DIRECTORY = "active-directory"


class Sync(StrEnum):
    """How changes are noticed. AUTO takes syncrepl where the server offers it, else polling."""

    AUTO = "auto"
    SYNCREPL = "syncrepl"
    POLL = "poll"


@dataclass(frozen=True, slots=True)
class DirectorySettings:
    """One directory. An empty ca_file means the system's authorities; an empty bind_dn binds anonymously.

    fallback_urls: other servers of the same directory, asked in this order where url does not answer. Filters
    and name_attribute that are empty are those of the kind (access.directory.kinds).
    attributes: what is kept of people for rules of the policy.
    mschap: who can tell whether a response of MSCHAPv2 is right, in this order (access.directory.mschap).
    lockout_failures: after how many wrong passwords the directory locks an account (0: never), and
    lockout_window_s for how long it remembers one; ours stay below. ntlm_domain: the domain's short name,
    for ntlm_auth.
    """

    url: str
    user_base: str
    group_base: str
    kind: Kind = Kind.AUTO
    fallback_urls: tuple[str, ...] = ()
    tls: Tls = Tls.STARTTLS
    ca_file: str = ""
    plaintext_allowed: bool = False
    bind_dn: str = ""
    bind_password: str = field(default="", repr=False)
    user_filter: str = ""
    group_filter: str = ""
    name_attribute: str = ""
    stable_attribute: str = ""
    attributes: tuple[str, ...] = ()
    sync: Sync = Sync.AUTO
    mschap: tuple[str, ...] = ("network-password",)
    ntlm_domain: str = ""
    ntlm_auth: str = "/usr/bin/ntlm_auth"
    lockout_failures: int = 10
    lockout_window_s: float = 1800.0
    connect_timeout_s: float = 2.0
    receive_timeout_s: float = 5.0


def is_loopback(host: str) -> bool:
    """Return whether what is sent to host never leaves this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

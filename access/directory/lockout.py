"""After how many wrong passwords a directory locks an account, as far as it lets us read that. ◆"""

import ldap3

from access.directory.connection import translated
from access.directory.settings import DirectorySettings

# ppolicy's entries (draft-behera-ldap-password-policy section 5.2.10), and the domain of Active Directory.
FILTER = "(|(objectClass=pwdPolicy)(objectClass=domainDNS))"
LOCKS, FAILURES, AD_FAILURES = "pwdLockout", "pwdMaxFailure", "lockoutThreshold"


def limit(connection: ldap3.Connection, settings: DirectorySettings) -> int | None:
    """Return the lowest limit of all policies that we may read, 0 where none locks; None where none is shown.

    Raises DirectoryUnavailable.
    """
    with translated(settings):
        connection.search(
            _suffix(settings.user_base), FILTER, ldap3.SUBTREE, attributes=[LOCKS, FAILURES, AD_FAILURES]
        )
    found = []
    for raw in connection.response or ():
        if raw["type"] == "searchResEntry":
            values = {name.lower(): value[0] for name, value in raw["raw_attributes"].items() if value}
            found.append(_limit(values))
    known = [each for each in found if each is not None]
    locking = [each for each in known if each > 0]
    return min(locking) if locking else (0 if known else None)


def _limit(values: dict[str, bytes]) -> int | None:
    if AD_FAILURES.lower() in values:
        return _number(values[AD_FAILURES.lower()])
    if values.get(LOCKS.lower(), b"").upper() == b"TRUE":
        return _number(values.get(FAILURES.lower(), b"0"))
    return 0 if LOCKS.lower() in values or FAILURES.lower() in values else None


def _number(value: bytes) -> int:
    return int(value) if value.isdigit() else 0


def _suffix(base: str) -> str:
    """Return the part of a base that names the whole directory: from its first dc on."""
    parts = base.split(",")
    begin = next((index for index, part in enumerate(parts) if part.strip().lower().startswith("dc=")), 0)
    return ",".join(parts[begin:])

"""Since when a person's password is what it is, as far as the directory tells."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from access.directory import active_directory


def changed_at(attributes: Mapping[str, tuple[bytes, ...]]) -> float | None:
    """Return when the password was last changed, seconds since the epoch; names are in lower case."""
    for name, read in READERS:
        for value in attributes.get(name.lower(), ())[:1]:
            moment = read(value.decode("ascii", "replace"))
            if moment is not None:
                return moment
    return None


def _generalized_time(text: str) -> float | None:
    """Read a GeneralizedTime in UTC. strptime would take a second for 100,000 people."""
    digits = text[:14]
    if len(digits) != 14 or not digits.isdigit() or not text.endswith("Z"):
        return None
    parts = (int(digits[:4]), *(int(digits[start : start + 2]) for start in range(4, 14, 2)))
    try:
        return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]
    except ValueError:
        return None


def _ad_time(text: str) -> float | None:
    # 0: it has to be changed at the next login. That too is a password that is not the one before.
    return active_directory.moment(int(text)) if text.isdigit() else None


def _unix_time(text: str) -> float | None:
    return float(text) if text.isdigit() else None


# draft-behera-ldap-password-policy section 5.3.2; Active Directory; Samba's schema for OpenLDAP.
READERS: tuple[tuple[str, Callable[[str], float | None]], ...] = (
    ("pwdChangedTime", _generalized_time),
    ("pwdLastSet", _ad_time),
    ("sambaPwdLastSet", _unix_time),
)

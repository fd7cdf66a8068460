"""Directory entries as people and groups, and what one reading of a directory says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar

from access.directory import active_directory
from access.directory.errors import BadName
from access.directory.kept import kept
from access.directory.names import normalise_dn
from access.directory.password_age import READERS, changed_at
from access.people.naming import spell

LOCKED_BY_ADMINISTRATOR = "000001010000Z"  # draft-behera-ldap-password-policy section 5.3.3
AD_ACCOUNT_DISABLED = 0x2
IDENTITY_ATTRIBUTES = ("entryUUID", "objectGUID")
GROUP_ATTRIBUTES = (
    *IDENTITY_ATTRIBUTES,
    "entryCSN",
    "modifyTimestamp",
    "cn",
    "member",
    "uniqueMember",
    "objectSid",
)
LANGUAGES = ("ko", "en")
EMPLOYEE_NUMBERS = ("employeeNumber", "employeeID")
# As everybody writes it: the part behind the @ is the company's, and a name has none.
PRINCIPAL_NAME = "userprincipalname"


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An entry as the wire brought it; attribute names in lower case."""

    uuid: str
    dn: str
    attributes: Mapping[str, tuple[bytes, ...]]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the directory knows. dn_key is how groups list them: the normalised dn, or by objectGUID.

    enabled: as the directory says now; from expires_at on (seconds since the epoch) nobody is. primary_group:
    the name under which a group of Active Directory lists whose primary group it is, empty elsewhere.
    attributes: what is kept for rules, as access.directory.kept spells it.
    """

    uuid: str
    name: str
    dn: str
    dn_key: str
    display_name: str = ""
    mail: str = ""
    employee_number: str = ""
    language: str = "ko"
    enabled: bool = True
    password_changed_at: float | None = None
    expires_at: float | None = None
    primary_group: str = ""
    attributes: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group the directory knows. members are dn_keys of people and of other groups."""

    uuid: str
    name: str
    dn: str
    dn_key: str
    members: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry that cannot be used, and why."""

    uuid: str
    dn: str
    why: str


Entry = TypeVar("Entry", Person, Group)


@dataclass(frozen=True, slots=True)
class Part(Generic[Entry]):
    """What a reading says about one kind of entry.

    entries: new or changed, or simply read again. gone: no longer there. known: everything there is, by UUID;
    None if the reading was not complete: then nobody is gone by not being mentioned.
    """

    entries: tuple[Entry, ...] = ()
    gone: frozenset[str] = frozenset()
    known: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where to go on reading: a syncrepl cookie, or the newest change seen by polling."""

    cookie: bytes | None = None
    watermark: str | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """One reading of one directory."""

    people: Part[Person] = field(default_factory=Part)
    groups: Part[Group] = field(default_factory=Part)
    position: Position = Position()
    skipped: tuple[Skipped, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it says nothing but a position."""
        return all(
            not part.entries and not part.gone and part.known is None for part in (self.people, self.groups)
        )


def person_attributes(
    name_attribute: str, stable_attribute: str = "", kept_for_rules: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Return the attributes to ask for."""
    return (
        *IDENTITY_ATTRIBUTES,
        "entryCSN",
        "modifyTimestamp",
        name_attribute,
        "displayName",
        "cn",
        "mail",
        *_numbers(stable_attribute),
        "preferredLanguage",
        "accountExpires",
        "objectSid",
        "primaryGroupID",
        *(attribute for attribute, _ in DISABLING),
        *(attribute for attribute, _ in READERS),
        *kept_for_rules,
    )


def _numbers(stable_attribute: str) -> tuple[str, ...]:
    return (stable_attribute,) if stable_attribute else EMPLOYEE_NUMBERS


def person(
    raw: RawEntry, name_attribute: str, stable_attribute: str = "", kept_for_rules: tuple[str, ...] = ()
) -> Person | Skipped:
    """Return who the entry is. stable_attribute: what outlives an entry, in place of an employee number.

    kept_for_rules: attributes of which access.directory.kept keeps what they say.
    """
    written = _first(raw, name_attribute.lower())
    name = spell(written.partition("@")[0] if name_attribute.lower() == PRINCIPAL_NAME else written)
    if name is None:
        return Skipped(raw.uuid, raw.dn, f"{name_attribute} {written!r} cannot be a user name")
    try:
        dn_key = _dn_key(raw)
    except BadName as error:
        return Skipped(raw.uuid, raw.dn, str(error))
    return Person(
        uuid=raw.uuid,
        name=name,
        dn=raw.dn,
        dn_key=dn_key,
        display_name=_first(raw, "displayname", "cn")[:400],
        mail=_first(raw, "mail")[:400],
        employee_number=_first(raw, *(each.lower() for each in _numbers(stable_attribute)))[:100],
        language=_language(_first(raw, "preferredlanguage")),
        enabled=not _disabled(raw),
        password_changed_at=changed_at(raw.attributes),
        expires_at=active_directory.ends_at(raw.attributes),
        primary_group=active_directory.primary_group(raw.attributes),
        attributes=kept(raw.attributes, kept_for_rules) if kept_for_rules else "",
    )


def group(raw: RawEntry) -> Group | Skipped:
    """Return which group the entry is. A member that is no distinguished name is nobody."""
    written = _first(raw, "cn")
    name = _group_name(written)
    if name is None:
        return Skipped(raw.uuid, raw.dn, f"cn {written!r} cannot be a group name")
    try:
        dn_key = _dn_key(raw)
    except BadName as error:
        return Skipped(raw.uuid, raw.dn, str(error))
    values = raw.attributes.get("member", ()) + raw.attributes.get("uniquemember", ())
    members = {key for value in values if (key := _member(value)) is not None}
    if own_name := active_directory.own_name(raw.attributes):
        members.add(own_name)
    return Group(raw.uuid, name, raw.dn, dn_key, frozenset(members))


def identity(attributes: Mapping[str, tuple[bytes, ...]]) -> str | None:
    """Return the entryUUID or objectGUID in its one spelling; None where an entry shows neither."""
    for value in attributes.get("entryuuid", ()):
        return value.decode("ascii", "replace").lower()
    for value in attributes.get("objectguid", ()):
        return active_directory.guid(value)
    return None


def _group_name(written: str) -> str | None:
    # A space inside a group's name is usual ("VPN 사용자"); everything else is as for people.
    spelt = [spell(word) for word in written.split(" ")]
    words = [word for word in spelt if word is not None]
    return " ".join(words) if words and len(words) == len(spelt) else None


def _dn_key(raw: RawEntry) -> str:
    by_guid = "objectguid" in raw.attributes and "entryuuid" not in raw.attributes
    return active_directory.place(raw.uuid) if by_guid else normalise_dn(raw.dn)


def _member(value: bytes) -> str | None:
    try:
        text = value.decode()
        return active_directory.listed(text) or normalise_dn(text)
    except (BadName, UnicodeDecodeError):
        return None


def _first(raw: RawEntry, *attributes: str) -> str:
    """Return the first value of the first attribute (in lower case) that has one; empty if none has."""
    for attribute in attributes:
        values = raw.attributes.get(attribute)
        if values:
            return values[0].decode("utf-8", "replace").replace("\x00", "").strip()
    return ""


def _disabled(raw: RawEntry) -> bool:
    return any(
        disables(_first(raw, attribute)) for attribute, disables in _DISABLING if attribute in raw.attributes
    )


@lru_cache(maxsize=256)
def _language(preferred: str) -> str:
    """Return the first of our languages in an Accept-Language value (RFC 2798 section 2.7)."""
    for choice in preferred.lower().split(","):
        language = choice.strip()[:2]
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]


def _ad_disabled(value: str) -> bool:
    return value.isascii() and value.isdigit() and bool(int(value) & AD_ACCOUNT_DISABLED)


# How servers say that an account is shut; failed passwords lock it for a while and are none of these.
DISABLING: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("pwdAccountLockedTime", lambda value: value == LOCKED_BY_ADMINISTRATOR),
    ("nsAccountLock", lambda value: value.lower() == "true"),
    ("userAccountControl", _ad_disabled),
)
_DISABLING = tuple((attribute.lower(), disables) for attribute, disables in DISABLING)

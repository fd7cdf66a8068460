"""Two companies of 200 people, the same every time: 한강전자 (hangang) and 남산소프트 (namsan).

Groups nest: staff holds the departments, engineering holds platform and product. The first people of a
company hold its special groups, so that a test can name them: see CAST.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

FAMILIES = (
    ("김", "Kim"), ("이", "Lee"), ("박", "Park"), ("최", "Choi"), ("정", "Jung"), ("강", "Kang"),
    ("조", "Cho"), ("윤", "Yoon"), ("장", "Jang"), ("임", "Lim"), ("홍", "Hong"), ("한", "Han"), ("오", "Oh"),
)  # fmt: skip
GIVEN = (
    ("민준", "Minjun"), ("서연", "Seoyeon"), ("도윤", "Doyun"), ("지우", "Jiwoo"), ("하준", "Hajun"),
    ("서현", "Seohyeon"), ("은우", "Eunwoo"), ("수아", "Sua"), ("지호", "Jiho"), ("예린", "Yerin"),
    ("길동", "Gildong"), ("다은", "Daeun"), ("현우", "Hyunwoo"), ("채원", "Chaewon"), ("준서", "Junseo"),
    ("유나", "Yuna"), ("태윤", "Taeyun"), ("소율", "Soyul"),
)  # fmt: skip
LATIN = (
    ("Anna", "Schmidt"), ("James", "O'Brien"), ("María", "García"), ("Linh", "Nguyễn"), ("Priya", "Sharma"),
    ("Yuki", "Tanaka"), ("Lena", "Müller"), ("Tom", "Baker, Jr."),
)  # fmt: skip
# uids are ASCII; these are the letters that the Latin names above have beyond it.
PLAIN = str.maketrans("íáễü", "iaeu", "', .")
DEPARTMENTS = ("platform", "product", "sales", "finance", "people")
ENGLISH_EVERY = 10


@dataclass(frozen=True)
class Person:
    """One entry of ou=people. language is "ko" or "en"; number is the employeeNumber."""

    uid: str
    given: str
    surname: str
    name: str
    mail: str
    number: str
    language: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Group:
    """One groupOfNames: uids of people and names of groups that are in it directly."""

    name: str
    label: str
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Company:
    """One directory: its suffix, ou=people and ou=groups."""

    name: str
    label: str
    suffix: str
    people: tuple[Person, ...]
    groups: tuple[Group, ...]

    def person(self, uid: str) -> Person:
        return next(person for person in self.people if person.uid == uid)

    def group(self, name: str) -> Group:
        return next(group for group in self.groups if group.name == name)

    def person_dn(self, uid: str) -> str:
        return f"uid={uid},ou=people,{self.suffix}"

    def group_dn(self, name: str) -> str:
        return f"cn={name},ou=groups,{self.suffix}"

    def members(self, name: str) -> frozenset[str]:
        """uids in the group, directly or through the groups in it."""
        group = self.group(name)
        return frozenset(group.people).union(*(self.members(inner) for inner in group.groups))

    def ldif(self) -> str:
        """The whole directory, parents before children."""
        return "\n".join(self._entries())

    def _entries(self) -> Iterable[str]:
        first = self.suffix.partition(",")[0].partition("=")[2]
        yield entry(
            self.suffix, {"objectClass": ["dcObject", "organization"], "dc": [first], "o": [self.label]}
        )
        for unit in ("people", "groups"):
            yield entry(f"ou={unit},{self.suffix}", {"objectClass": ["organizationalUnit"], "ou": [unit]})
        for person in self.people:
            yield entry(self.person_dn(person.uid), person_attributes(person))
        for group in self.groups:
            members = [self.person_dn(uid) for uid in group.people]
            members += [self.group_dn(name) for name in group.groups]
            values = {"objectClass": ["groupOfNames"], "cn": [group.name], "description": [group.label]}
            values["member"] = members
            yield entry(self.group_dn(group.name), values)


def person_attributes(person: Person) -> dict[str, list[str]]:
    """An inetOrgPerson, the password hashed as OpenLDAP does by default."""
    return {
        "objectClass": ["inetOrgPerson"],
        "uid": [person.uid],
        "cn": [person.name],
        "sn": [person.surname],
        "givenName": [person.given],
        "displayName": [person.name],
        "mail": [person.mail],
        "employeeNumber": [person.number],
        "preferredLanguage": [person.language],
        "userPassword": [salted(person.password, salt=person.uid.encode())],
    }


def salted(password: str, salt: bytes) -> str:
    """The password as {SSHA}; the salt is the caller's so that the directory is the same every time."""
    digest = hashlib.sha1(password.encode() + salt, usedforsecurity=False).digest()
    return "{SSHA}" + base64.b64encode(digest + salt).decode()


def entry(dn: str, attributes: Mapping[str, Iterable[str]]) -> str:
    """One LDIF record (RFC 2849) with its last newline."""
    lines = [ldif_line("dn", dn)]
    lines += [ldif_line(name, value) for name, values in attributes.items() for value in values]
    return "\n".join(lines) + "\n"


def ldif_line(name: str, value: str) -> str:
    """RFC 2849: base64 for all that is not a safe string."""
    if value.isascii() and value.isprintable() and value == value.strip() and value[:1] not in ("", ":", "<"):
        return f"{name}: {value}"
    return f"{name}:: {base64.b64encode(value.encode()).decode()}"


def hangang() -> Company:
    return company("hangang", "한강전자", 120)


def namsan() -> Company:
    return company("namsan", "남산소프트", 80)


def company(name: str, label: str, size: int) -> Company:
    """A company of `size` people (at least 20), under dc=NAME,dc=example."""
    people = tuple(islice(staff(name, size), size))
    return Company(name, label, f"dc={name},dc=example", people, tuple(departments([p.uid for p in people])))


def staff(name: str, size: int) -> Iterable[Person]:
    """Every tenth comes from abroad and reads English; names repeat only after thousands of people."""
    for number in range(size):
        make = foreigner if number % ENGLISH_EVERY == ENGLISH_EVERY - 1 else korean
        yield make(name, number)


def korean(company_name: str, number: int) -> Person:
    lap, place = divmod(number, len(FAMILIES) * len(GIVEN))
    family = FAMILIES[(place + place // len(GIVEN)) % len(FAMILIES)]
    given = GIVEN[place % len(GIVEN)]
    uid = f"{given[1]}.{family[1]}".lower() + (str(lap + 1) if lap else "")
    return make_person(company_name, number, uid, (given[0], family[0]), family[0] + given[0], "ko")


def foreigner(company_name: str, number: int) -> Person:
    lap, place = divmod(number // ENGLISH_EVERY, len(LATIN))
    given, family = LATIN[place]
    uid = f"{given.translate(PLAIN)}.{family.translate(PLAIN)}".lower() + (str(lap + 1) if lap else "")
    return make_person(company_name, number, uid, (given, family), f"{given} {family}", "en")


def make_person(
    company_name: str, number: int, uid: str, names: tuple[str, str], shown: str, language: str
) -> Person:
    return Person(
        uid=uid,
        given=names[0],
        surname=names[1],
        name=shown,
        mail=f"{uid}@{company_name}.example",
        number=f"{company_name[0].upper()}{number + 1:05d}",
        language=language,
        password=f"{uid}-{company_name}-{number + 1}",
    )


# Who is in the special groups, by place in the company: the first people hold them, so tests can name them.
CAST = {
    "it-admins": slice(2, 4),
    "helpdesk": slice(4, 7),
    "auditors": slice(7, 9),
    "vdi-dev": slice(0, 6),
    "contractors": slice(-10, None),
}
LABELS = {
    "staff": "임직원", "engineering": "개발본부", "platform": "플랫폼팀", "product": "제품팀",
    "sales": "영업팀", "finance": "재무팀", "people": "인사팀", "vpn-users": "VPN 사용자",
    "it-admins": "정보시스템 관리자", "helpdesk": "헬프데스크", "auditors": "감사",
    "vdi-dev": "VDI 개발 데스크톱", "contractors": "협력사",
}  # fmt: skip


def departments(uids: list[str]) -> Iterable[Group]:
    """Contractors are outside staff; vpn-users are engineering, the administrators and every fourth other."""
    own = uids[:-10]
    placed = ["platform"] * 30 + [DEPARTMENTS[1 + place % 4] for place in range(max(0, len(own) - 30))]
    for department in DEPARTMENTS:
        of_it = tuple(uid for uid, where in zip(own, placed, strict=False) if where == department)
        yield Group(department, LABELS[department], of_it)
    yield Group("engineering", LABELS["engineering"], groups=("platform", "product"))
    yield Group("staff", LABELS["staff"], groups=("engineering", "sales", "finance", "people"))
    for name, place in CAST.items():
        yield Group(name, LABELS[name], tuple(uids[place]))
    some = tuple(uid for uid, where in zip(own, placed, strict=False) if where in ("sales", "finance"))[::4]
    yield Group("vpn-users", LABELS["vpn-users"], some, groups=("engineering", "it-admins"))

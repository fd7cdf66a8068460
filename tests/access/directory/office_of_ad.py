"""A branch of the Active Directory of the tests for each test alone, and our settings for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import ldap3

from access.directory.settings import DirectorySettings, Tls
from tests.peers.samba_ad import SambaAd

PASSWORD = "Right-h0rse-Battery"
PASSWORD_OF_AD = f'"{PASSWORD}"'.encode("utf-16-le")
NORMAL, DISABLED = "512", "514"
SHOW_DELETED = "1.2.840.113556.1.4.417"
_numbers = count(1)


@dataclass
class Branch:
    """OU=branchN with OU=people and OU=groups. Account names carry N: they are unique in a domain."""

    ad: SambaAd
    port: int
    number: int = field(default_factory=lambda: next(_numbers))

    def __post_init__(self) -> None:
        self.dn = f"OU=branch{self.number},{self.ad.domain}"
        for dn in (self.dn, self.people, self.groups):
            self.ad.add(dn, {"objectClass": ["organizationalUnit"]})

    @property
    def people(self) -> str:
        return f"OU=people,{self.dn}"

    @property
    def groups(self) -> str:
        return f"OU=groups,{self.dn}"

    def name(self, name: str) -> str:
        """What is unique in the domain."""
        return f"{name}-{self.number}"

    def person(self, name: str) -> str:
        return f"CN={name},{self.people}"

    def group(self, name: str) -> str:
        return f"CN={name},{self.groups}"

    def hire(self, name: str, **changes: object) -> str:
        attributes = {
            "objectClass": ["user"],
            "sAMAccountName": [self.name(name)],
            "userPrincipalName": [f"{name}.{self.number}@hangang.test"],
            "unicodePwd": [PASSWORD_OF_AD],
            "userAccountControl": [NORMAL],
        }
        self.ad.add(self.person(name), attributes | changes)
        return self.person(name)

    def found(self, name: str, *members: str) -> str:
        """Found a group."""
        listed = {"member": list(members)} if members else {}
        attributes = {"objectClass": ["group"], "sAMAccountName": [self.name(name)], **listed}
        self.ad.add(self.group(name), attributes)
        return self.group(name)

    def settings(self, **changes: object) -> DirectorySettings:
        reader = f"reader{self.number}"
        kept = {
            "url": f"ldaps://127.0.0.1:{self.port}",
            "tls": Tls.LDAPS,
            "ca_file": self.ad.authority,
            "bind_dn": f"CN={reader},{self.dn}",
            "bind_password": PASSWORD,
            "user_base": self.people,
            "group_base": self.groups,
            # On a busy machine the domain controller takes its time.
            "connect_timeout_s": 30.0,
            "receive_timeout_s": 60.0,
        }
        return DirectorySettings(**(kept | changes))  # type: ignore[arg-type]

    def with_reader(self) -> "Branch":
        """With an account of no rights beyond everybody's."""
        attributes = {
            "objectClass": ["user"],
            "sAMAccountName": [f"reader{self.number}"],
            "unicodePwd": [PASSWORD_OF_AD],
            "userAccountControl": [NORMAL],
        }
        self.ad.add(f"CN=reader{self.number},{self.dn}", attributes)
        return self

    def may_see_the_deleted(self) -> None:
        """Let the reader see deleted objects."""
        self.ad.let_see_deleted(f"reader{self.number}")


@contextmanager
def branch_of(ad: SambaAd) -> Iterator[Branch]:
    with ad.way_in() as way:
        yield Branch(ad, way.port).with_reader()


def restore(ad: SambaAd, invocation: bytes) -> None:
    """Give the domain controller another invocationId, as a restored database has; return nothing."""
    root = "CN=Sites,CN=Configuration," + ad.domain
    with ad.admin(root) as connection:
        connection.search(root, "(objectClass=nTDSDSA)", ldap3.SUBTREE, attributes=["invocationId"])
        dn = next(raw["dn"] for raw in connection.response if raw["type"] == "searchResEntry")
    ad.replace(dn, {"invocationId": [invocation]})

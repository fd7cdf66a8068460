from ipaddress import ip_address, ip_network

import pytest

from access.logins.memory import Memory
from access.logins.realms import Realm, Realms
from access.model import Organization, User, Via
from access.nas.registry import NasClient
from radius.home import HomeServer, Pool
from radius.nas import Nas

POOL = Pool((HomeServer("old/1", ip_address("192.0.2.1"), 1812, b"a secret of sixteen"),))
HANGANG = Organization(1, "hangang", "한강전자", "hangang.example")
KIM = User(7, "hangang", "kim", "", groups=frozenset({"hangang/staff"}))
LEE = User(8, "hangang", "lee", "", groups=frozenset({"hangang/not-moved"}))
NAS = Nas("3", "switch", (b"a secret of sixteen",))


@pytest.fixture
def memory():
    memory = Memory()
    memory.put_organizations([HANGANG])
    memory.put_users([KIM, LEE])
    memory.put_clients(
        [NasClient(3, 1, "switch", ip_network("192.0.2.9"), ("a secret of sixteen",), Via.WIRED)]
    )
    return memory


@pytest.fixture
def realms(memory):
    partner = Realm("partner", POOL, names=frozenset({"partner.example", "partner"}))
    old = Realm("old", POOL, users=frozenset({"park@hangang"}), groups=frozenset({"hangang/not-moved"}))
    return Realms([partner, old], memory)


@pytest.mark.parametrize(
    "name",
    ["alice@partner.example", "alice@PARTNER.example", "PARTNER\\alice", "partner/alice", "@partner.example"],
)
def test_a_realm_is_found_as_suffix_and_as_prefix(realms, name):
    found = realms.destination(NAS, name)

    assert (found.realm, found.pool, found.user) == ("partner", POOL, None)


@pytest.mark.parametrize(
    "name",
    [
        "kim",
        "kim@hangang.example",
        "HANGANG\\kim",
        "nobody",
        "nobody@hangang",
        "00-00-5e-00-53-99",
        "host/laptop-7.hangang.example",
        "anonymous",
        "",
    ],
)
def test_what_is_ours_or_has_no_realm_stays_here(realms, name):
    assert realms.destination(NAS, name) is None


@pytest.mark.parametrize("name", ["kim@nowhere.example", "NOWHERE\\kim", "nowhere/kim", "kim@"])
def test_a_realm_that_nobody_has_is_told(realms, name):
    found = realms.destination(NAS, name)

    assert found is not None
    assert found.pool is None


def test_who_has_not_moved_is_asked_there_until_they_leave_the_group(realms, memory):
    found = realms.destination(NAS, "lee@hangang.example")
    assert (found.realm, found.user) == ("old", "8")

    memory.put_user(8, User(8, "hangang", "lee", ""))

    assert realms.destination(NAS, "lee") is None


def test_somebody_may_be_listed_by_name(realms, memory):
    memory.put_user(9, User(9, "hangang", "park", ""))

    assert realms.destination(NAS, "park").user == "9"

import sys
from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from access.logins.memory import Memory
from access.model import Organization, User, Via
from access.nas.registry import Code, Endpoint, NasClient
from radius.nas import CodeMode

HANGANG = Organization(1, "hangang", "한강전자", "hangang.example")
NAMSAN = Organization(2, "namsan", "남산", "namsan.example")
KIM = User(7, "hangang", "minjun.kim", "uid=minjun.kim", groups=frozenset({"hangang/staff"}))
CLIENT = NasClient(3, 1, "vpn", ip_network("192.0.2.7"), ("a secret of sixteen",), Via.VPN)


def memory(*users):
    known = Memory()
    known.put_organizations([HANGANG, NAMSAN])
    known.put_users(users or [KIM])
    return known


@pytest.mark.parametrize(
    ("text", "name", "organization"),
    [
        ("minjun.kim", "minjun.kim@hangang", "hangang"),
        ("Minjun.KIM@hangang.example", "minjun.kim@hangang", "hangang"),
        ("minjun.kim@hangang", "minjun.kim@hangang", "hangang"),
    ],
)
def test_a_name_means_the_same_person_however_it_is_written(text, name, organization):
    assert memory().meant(text, HANGANG.id) == (name, organization, memory().user(7))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("host/desk7.hangang.example", "desk7$@hangang"),
        ("HOST/DESK7.namsan.example", "desk7$@namsan"),
        ("host/desk7.corp.elsewhere.example", "desk7$@hangang"),
        ("host/desk7", "desk7$@hangang"),
        ("host/", "host/"),
        ("host/a b.hangang.example", "host/a b.hangang.example"),
    ],
)
def test_a_machine_is_the_account_with_a_dollar(text, name):
    assert memory().meant(text, HANGANG.id)[0] == name


def test_without_a_realm_the_company_of_the_nas_decides():
    name, organization, user = memory().meant("minjun.kim", NAMSAN.id)

    assert (name, organization, user) == ("minjun.kim@namsan", "namsan", None)


@pytest.mark.parametrize("text", ["nobody@elsewhere.example", "a b", "\x00", ""])
def test_a_name_of_nobody_is_kept_as_it_was_typed(text):
    assert memory().meant(text, HANGANG.id) == (text, None, None)


def test_somebody_forgotten_is_nobody():
    known = memory()
    known.put_user(7, None)

    assert known.user(7) is None
    assert known.meant("minjun.kim", 1)[2] is None
    assert len(known) == 0


def test_somebody_renamed_is_found_by_the_new_name_only():
    known = memory()
    known.put_user(7, replace(KIM, name="minjun.lee"))

    assert known.meant("minjun.lee", 1)[2] is not None
    assert known.meant("minjun.kim", 1)[2] is None


def test_a_name_belongs_to_whoever_is_enabled():
    waiting = replace(KIM, id=8, enabled=False)
    known = memory(KIM, waiting)
    assert known.meant("minjun.kim", 1)[2] == known.user(7)

    known.put_user(7, replace(KIM, enabled=False))
    known.put_user(8, replace(waiting, enabled=True))
    assert known.meant("minjun.kim", 1)[2] == known.user(8)


def test_a_name_goes_to_who_is_left():
    known = memory(KIM, replace(KIM, id=8, enabled=False))
    known.put_user(7, None)

    assert known.meant("minjun.kim", 1)[2] == known.user(8)
    known.put_user(8, None)
    assert known.meant("minjun.kim", 1)[2] is None


def test_people_in_the_same_groups_share_one_set():
    other = replace(KIM, id=8, name="seoyeon.lee", groups=frozenset({"hangang/staff"}))
    known = memory(KIM, other)

    assert known.user(7).groups is known.user(8).groups


def test_a_hundred_thousand_people_fit_into_the_budget():
    some = 2000
    groups = [frozenset(f"hangang/group{group}-{level}" for level in range(8)) for group in range(50)]
    known = Memory()
    known.put_organizations([HANGANG])
    for user_id in range(1, some + 1):
        dn = f"uid=somebody.number{user_id},ou=people,dc=hangang,dc=example"
        who = User(user_id, "hangang", f"somebody.number{user_id}", dn, "김민준", "kim@hangang.example")
        known.put_user(user_id, replace(who, groups=frozenset(groups[user_id % 50])))
    sizes = [
        sys.getsizeof(user) + sys.getsizeof(user.name) + sys.getsizeof(user.dn) + 32
        for user in known._users.values()
    ]
    tables = sys.getsizeof(known._users) + sys.getsizeof(known._names["hangang"])

    assert len(known._group_sets) == 50
    assert (sum(sizes) + tables) / some * 100_000 < 100_000_000


def test_a_nas_is_found_by_its_address():
    known = Memory()
    known.put_clients([CLIENT])

    nas = known.find_nas(ip_address("192.0.2.7"))
    assert (nas.key, nas.name, nas.code) == ("3", "vpn", CodeMode.APPENDED)
    assert nas.secrets == (b"a secret of sixteen",)
    assert known.find_nas(ip_address("192.0.2.8")) is None
    assert known.client("3") == CLIENT


def test_of_several_networks_the_smallest_has_the_address():
    networks = ["192.0.2.0/24", "192.0.2.0/30", "192.0.2.0/26", "192.0.2.1"]
    clients = [
        replace(CLIENT, id=n, name=text, network=ip_network(text)) for n, text in enumerate(networks, 1)
    ]
    known = Memory()
    known.put_clients(clients)

    for address, name in [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.2", "192.0.2.0/30"),
        ("192.0.2.33", "192.0.2.0/26"),
        ("192.0.2.99", "192.0.2.0/24"),
    ]:
        assert known.find_nas(ip_address(address)).name == name


def test_a_nas_that_is_disabled_is_a_stranger():
    known = Memory()
    known.put_clients([replace(CLIENT, enabled=False)])

    assert known.find_nas(ip_address("192.0.2.7")) is None
    assert known.client("3") is None


def test_a_nas_that_is_gone_is_a_stranger():
    known = Memory()
    known.put_clients([CLIENT])
    known.put_clients([])

    assert known.find_nas(ip_address("192.0.2.7")) is None


def test_a_nas_without_eap_offers_no_method():
    known = Memory()
    known.put_clients([replace(CLIENT, eap=False)])

    assert known.find_nas(ip_address("192.0.2.7")).eap_methods == ()


@pytest.mark.parametrize("code", Code)
def test_every_way_of_a_code_is_one_that_radius_knows(code):
    known = Memory()
    known.put_clients([replace(CLIENT, code=code)])

    assert known.find_nas(ip_address("192.0.2.7")).code.value == code.value


def test_an_endpoint_is_found_by_its_mac_until_it_is_gone():
    printer = Endpoint(5, 1, "00-00-5e-00-53-99", "printer")
    known = Memory()
    known.put_endpoint(5, printer)
    assert known.endpoint("00-00-5e-00-53-99") == printer

    known.put_endpoint(5, None)
    assert known.endpoint("00-00-5e-00-53-99") is None

from dataclasses import replace
from ipaddress import ip_network

import pytest
from sqlalchemy import select, update

from access.keys.sealing import SealBroken
from access.model import Via
from access.nas.registry import BadNas, Code, MessageAuthenticator, NasClient
from access.store import nas
from access.store.tables import nas as table
from tests.access.residents import DICE, KEYRING, NOW, changes, save, settle_in
from tests.access.store.test_sessions import SESSION

SECRET = "a secret of some length"
CLIENT = NasClient(
    id=0,
    organization_id=1,
    name="vpn",
    network=ip_network("192.0.2.7"),
    secrets=(SECRET,),
    via=Via.VPN,
    code=Code.CHALLENGE,
    message_authenticator=MessageAuthenticator.AUTO,
    vendor="hostapd",
    site="seoul",
    nas_group="gateways",
    mab=True,
    eap=False,
    coa_port=3800,
)


@pytest.fixture
def registry(database):
    settle_in(database)
    return database


def add(database, client=CLIENT):
    with database.write() as conn:
        return nas.add(conn, KEYRING, client, NOW, DICE)


def known(database):
    with database.read() as conn:
        return nas.all_clients(conn, KEYRING)


def test_a_nas_comes_back_as_it_was_added(registry):
    nas_id = add(registry)

    assert known(registry) == [replace(CLIENT, id=nas_id)]
    with registry.read() as conn:
        assert nas.client_by_id(conn, KEYRING, nas_id) == nas.client_by_name(conn, KEYRING, "vpn")
        assert nas.client_by_id(conn, KEYRING, 99) is nas.client_by_name(conn, KEYRING, "nothing") is None
    assert changes(registry) == [("nas", str(nas_id))]


def test_the_secret_is_nowhere_in_the_row(registry):
    add(registry)

    with registry.read() as conn:
        row = conn.execute(select(table)).one()
    assert SECRET.encode() not in repr(row).encode() + row.secret


def test_a_secret_moved_to_another_nas_does_not_open_there(registry):
    add(registry)
    add(registry, replace(CLIENT, name="other", network=ip_network("192.0.2.8")))
    with registry.write() as conn:
        stolen = conn.execute(select(table.c.secret).where(table.c.name == "vpn")).scalar_one()
        conn.execute(update(table).where(table.c.name == "other").values(secret=stolen))

    with registry.read() as conn:
        with pytest.raises(SealBroken):
            nas.all_clients(conn, KEYRING)
        clients, broken = nas.readable_clients(conn, KEYRING)
    assert [client.name for client in clients] == ["vpn"]
    assert [why.partition(":")[0] for why in broken] == ["other"]


@pytest.mark.parametrize("change", [{"network": ip_network("192.0.2.8")}, {"name": "other"}])
def test_a_name_and_an_address_belong_to_one_nas(registry, change):
    add(registry)

    with pytest.raises(BadNas, match="already"):
        add(registry, replace(CLIENT, **change))


def test_a_smaller_network_may_lie_in_a_larger_one(registry):
    add(registry, replace(CLIENT, name="all", network=ip_network("192.0.2.0/24")))
    add(registry)

    assert len(known(registry)) == 2


def test_a_nas_that_is_removed_leaves_name_and_address_to_others(registry):
    nas_id = add(registry)
    with registry.write() as conn:
        nas.remove(conn, replace(CLIENT, id=nas_id), NOW)

    assert known(registry) == []
    assert changes(registry)[-1] == ("nas", str(nas_id))
    add(registry)


def test_a_nas_whose_sessions_are_remembered_is_only_disabled(registry):
    nas_id = add(registry)
    with registry.write() as conn:
        save(conn, replace(SESSION, nas_id=nas_id, gateway_id=None), NOW)
        nas.remove(conn, replace(CLIENT, id=nas_id), NOW)

    (kept,) = known(registry)
    assert not kept.enabled
    add(registry)
    assert [client.enabled for client in known(registry)] == [True, False]

from dataclasses import replace

import pytest
from sqlalchemy import insert

from access.nas.registry import BadEndpoint, Endpoint
from access.store import endpoints
from access.store.session_batch import SessionBatch
from access.store.tables import nas
from tests.access.residents import DICE, KEYRING, NOW, changes, save, settle_in
from tests.access.store.test_sessions import NAS, SESSION

PRINTER = Endpoint(0, 1, "00-00-5e-00-53-99", "printer", "minjun.kim@hangang", NOW + 100)


@pytest.fixture
def registry(database):
    settle_in(database)
    settle_in(database, "seoyeon.lee")
    return database


def add(database, endpoint=PRINTER, at=NOW):
    with database.write() as conn:
        return endpoints.add(conn, endpoint, at)


def remove(database, endpoint_id, at=NOW):
    with database.write() as conn:
        endpoints.remove(conn, replace(PRINTER, id=endpoint_id), at)


def known(database):
    with database.read() as conn:
        return endpoints.all_endpoints(conn)


def test_an_endpoint_comes_back_as_it_was_registered(registry):
    endpoint_id = add(registry)

    assert known(registry) == [replace(PRINTER, id=endpoint_id)]
    with registry.read() as conn:
        assert endpoints.endpoint_by_id(conn, endpoint_id) == endpoints.endpoint_by_mac(conn, PRINTER.mac)
    assert changes(registry) == [("endpoint", str(endpoint_id))]


def test_a_mac_address_is_registered_once(registry):
    add(registry)

    with pytest.raises(BadEndpoint, match="registered already"):
        add(registry)


def test_an_endpoint_that_is_removed_is_forgotten(registry):
    endpoint_id = add(registry)
    remove(registry, endpoint_id)

    assert known(registry) == []
    assert changes(registry)[-1] == ("endpoint", str(endpoint_id))


def test_an_endpoint_whose_sessions_are_remembered_ends_and_may_come_back(registry):
    endpoint_id = add(registry)
    with registry.write() as conn:
        conn.execute(insert(nas).values(NAS))
        save(conn, replace(SESSION, endpoint_id=endpoint_id, gateway_id=None), NOW)
    remove(registry, endpoint_id, NOW + 1)
    assert known(registry) == [replace(PRINTER, id=endpoint_id, valid_until=NOW + 1)]

    again = replace(PRINTER, name="the same printer", valid_until=NOW + 900)
    assert add(registry, again, NOW + 2) == endpoint_id
    assert known(registry) == [replace(again, id=endpoint_id)]


def see_8021x(database, at, place="switch Gi1/0/9", mac=PRINTER.mac):
    with database.write() as conn:
        batch = SessionBatch(conn, KEYRING, DICE, "test")
        batch.proven_by_8021x(mac, place, at)
        batch.write()


def test_an_endpoint_that_does_8021x_is_remembered_and_told_once_an_hour(registry):
    add(registry)
    see_8021x(registry, NOW)
    see_8021x(registry, NOW + 60, "elsewhere")
    assert [(each.dot1x_at, each.dot1x_place) for each in known(registry)] == [(NOW, "switch Gi1/0/9")]
    assert len(changes(registry)) == 2

    see_8021x(registry, NOW + 3601, "elsewhere")
    see_8021x(registry, NOW + 3601, mac="00-00-5e-00-53-01")

    assert known(registry)[0].dot1x_place == "elsewhere"
    assert len(changes(registry)) == 3


@pytest.mark.parametrize(
    ("method", "remembered"), [("eap-tls", True), ("peap-mschapv2", True), ("mab", False)]
)
def test_one_that_did_8021x_before_it_was_registered_is_known_to_have(registry, method, remembered):
    with registry.write() as conn:
        conn.execute(insert(nas).values(NAS))
        earlier = {"calling_station": "00:00:5e:00:53:99", "nas_port": "Gi1/0/9", "method": method}
        save(conn, replace(SESSION, gateway_id=None, **earlier), NOW)

    add(registry)

    seen = known(registry)[0]
    expected = (SESSION.admitted_at, f"{NAS['name']} Gi1/0/9") if remembered else (None, "")
    assert (seen.dot1x_at, seen.dot1x_place) == expected


def test_the_owner_finds_what_ends_first_first(registry):
    add(registry, replace(PRINTER, owner_id=1))
    add(registry, replace(PRINTER, mac="00-00-5e-00-53-98", valid_until=NOW + 50, owner_id=1))
    add(registry, replace(PRINTER, mac="00-00-5e-00-53-97", owner_id=2))
    add(registry, replace(PRINTER, mac="00-00-5e-00-53-96"))

    with registry.read() as conn:
        owned = endpoints.owned_by(conn, 1)
    assert [each.mac for each in owned] == ["00-00-5e-00-53-98", "00-00-5e-00-53-99"]

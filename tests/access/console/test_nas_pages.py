"""NAS in the console: seen with what they did, added, changed, given a second secret, removed."""

import re
from dataclasses import asdict
from html import unescape

import pytest

from access.radius.radius_status import Backlog, RadiusStatus
from access.store import nas
from access.store.audit import Selection, records
from radius.counters import Counters
from tests.access.residents import KEYRING

FORM = {
    "name": "switch-2f",
    "address": "10.1.2.3",
    "via": "wired",
    "code": "none",
    "code_digits": "6",
    "message_authenticator": "require",
    "vendor": "cisco",
    "site": "본사",
    "group": "access",
    "gateway": "",
    "coa_port": "",
    "eap": "yes",
    "eap_methods": "tls, ttls",
}


@pytest.fixture
def equipped(town):
    town.equip()
    town.equip("namsan")
    return town


@pytest.fixture
def boss(equipped, visit):
    browser = visit("boss@hangang")
    browser.get("/console/nas/add")
    return browser


def client(town, name="switch-2f"):
    with town.database.read() as conn:
        return nas.client_by_name(conn, KEYRING, name)


def secret_on(page: str) -> str:
    return re.search(r'<p class="key">([^<]+)</p>', page)[1]


def test_a_nas_is_added_and_its_secret_is_shown_once(boss, equipped):
    boss.post("/console/nas/add", **FORM)

    added = client(equipped)
    assert added.secrets == (secret_on(boss.page),)
    assert (str(added.network), added.via, added.code) == ("10.1.2.3/32", "wired", "none")
    assert (added.vendor, added.coa_port, added.site) == ("cisco", 1700, "본사")
    assert added.eap_methods == ("tls", "ttls")
    assert added.organization_id == equipped.organization_id("hangang")
    boss.get(f"/console/nas/{added.id}")
    assert added.secrets[0] not in boss.page
    with equipped.database.read() as conn:
        (record,) = records(conn, Selection(kind="nas"), KEYRING)
    assert (record.reason, record.detail["by"]) == ("NAS_ADDED", "boss@hangang")


WRONG = (
    ({"address": "10.1.2"}, "is no address and no network"),
    ({"name": ""}, "cannot be a name"),
    ({"eap_methods": "md5", "code": "appended"}, "sends a hash of the password"),
    ({"eap_methods": "leap"}, "no EAP method"),
    ({"message_authenticator": "auto", "address": "10.1.2.0/24"}, "is many devices"),
    ({"coa_port": "70000"}, "is no port"),
    ({"name": "vpn-hangang"}, "There is a NAS named vpn-hangang already"),
)


def test_what_cannot_work_is_refused_with_its_reason_and_what_was_typed_stays(boss, equipped):
    for wrong, why in WRONG:
        answer = boss.post("/console/nas/add", **FORM | wrong)

        assert answer.status_code == 422
        assert why in unescape(boss.page)
        assert 'value="access"' in boss.page
        assert client(equipped) is None


def test_a_choice_that_no_form_offers_is_no_request(boss):
    for name in ("via", "code", "vendor", "message_authenticator"):
        boss.get("/console/nas/add")
        assert boss.post("/console/nas/add", **FORM | {name: "nonsense"}).status_code == 400


def test_a_nas_is_changed_and_its_secret_stays(boss, equipped):
    boss.post("/console/nas/add", **FORM)
    before = client(equipped)
    boss.get(f"/console/nas/{before.id}/change")
    assert 'value="tls, ttls"' in boss.page

    boss.post(f"/console/nas/{before.id}/change", **FORM | {"address": "2001:db8::7", "mab": "yes"})

    after = client(equipped)
    assert (str(after.network), after.mab, after.secrets) == ("2001:db8::7/128", True, before.secrets)
    assert boss.path == f"/console/nas/{before.id}"


def test_the_length_of_a_code_behind_the_password_is_set_and_shown(boss, equipped):
    boss.post("/console/nas/add", **FORM | {"code": "appended", "code_digits": "8", "eap_methods": "ttls"})
    assert client(equipped).code_digits == 8
    assert "(8 digits)" in boss.page

    for odd in ("5", "9", "eight", ""):
        boss.get(f"/console/nas/{client(equipped).id}/change")
        form = FORM | {"code": "appended", "code_digits": odd}
        assert boss.post(f"/console/nas/{client(equipped).id}/change", **form).status_code == 400

    assert client(equipped).code_digits == 8


def test_a_secret_is_changed_in_two_steps(boss, equipped):
    boss.post("/console/nas/add", **FORM)
    own = f"/console/nas/{client(equipped).id}"

    boss.post(f"{own}/rotate")
    new = secret_on(boss.page)
    assert client(equipped).secrets[1] == new
    assert boss.post(f"{own}/finish").status_code == 422
    assert "would be cut off" in boss.page
    with equipped.database.write() as conn:
        nas.learn_secret(conn, client(equipped).id, True, equipped.now)
    boss.get(own)
    assert new not in boss.page
    boss.post(f"{own}/finish")

    assert client(equipped).secrets == (new,)
    boss.post(f"{own}/rotate")
    boss.post(f"{own}/abandon")
    assert client(equipped).secrets == (new,)


def test_a_nas_that_was_removed_is_gone(boss, equipped):
    boss.post("/console/nas/add", **FORM)
    removed = client(equipped).id

    boss.post(f"/console/nas/{removed}/remove")

    assert "switch-2f" not in boss.page
    assert boss.get(f"/console/nas/{removed}").status_code == 404


def test_the_nas_of_another_company_is_not_there(boss, equipped):
    theirs = f"/console/nas/{client(equipped, 'vpn-namsan').id}"

    assert boss.get(theirs).status_code == 404
    assert boss.get(f"{theirs}/change").status_code == 404
    boss.get("/console/nas/add")
    for action in ("rotate", "remove", "finish", "abandon"):
        assert boss.post(f"{theirs}/{action}").status_code == 404
        boss.get("/console/nas/add")
    assert client(equipped, "vpn-namsan").enabled


def test_a_company_cannot_put_a_network_into_that_of_another(equipped, visit, boss):
    boss.post("/console/nas/add", **FORM | {"address": "10.1.0.0/16"})
    anna = visit("anna.schmidt@namsan")
    anna.get("/console/nas/add")

    answer = anna.post("/console/nas/add", **FORM | {"name": "theirs", "address": "10.1.2.3"})

    assert answer.status_code == 422
    assert "touches a network of another organization" in anna.page
    anna.post("/console/nas/add", **FORM | {"name": "theirs", "address": "10.2.2.3"})
    theirs = client(equipped, "theirs")
    assert theirs.organization_id == equipped.organization_id("namsan")
    moved = FORM | {"name": "theirs", "address": "10.1.2.3"}
    assert anna.post(f"/console/nas/{theirs.id}/change", **moved).status_code == 422


def test_what_a_nas_did_is_added_up_over_the_workers_with_the_trouble_it_has(boss, equipped):
    counted = asdict(Counters(requests=40, accepts=30, rejects=7, bad_authenticators=3))
    one = counted | {"bad_began": equipped.now - 120, "bad_last": equipped.now - 60}
    two = counted | {"bad_began": equipped.now - 90, "bad_last": equipped.now - 5}
    workers = {
        "radius-0": {
            "began": equipped.now - 900,
            "nas": {"vpn-hangang": one},
            "strangers": 41,
            "stranger_addresses": {"192.0.2.7": 41},
        },
        "radius-1": {"began": equipped.now - 800, "nas": {"vpn-hangang": two}},
    }
    equipped.status = RadiusStatus(workers, Backlog(7, 1234, equipped.now - 30))
    boss.get("/console/nas")

    for shown in (">80<", ">60<", ">14<", "wrong secret", "7 records, 1234 octets", "192.0.2.7: 41"):
        assert shown in boss.page
    boss.get(f"/console/nas/{client(equipped, 'vpn-hangang').id}")
    assert "Packets made with another secret" in boss.page
    assert "Made with another secret</dt><dd>6</dd>" in boss.page


def test_what_does_not_answer_the_radius_service_is_shown(boss, equipped):
    told = {"at": equipped.now, "directories": {"hangang": True}, "homes": {"sent": 19, "states": {}}}
    away = {"sent": 23, "states": {"partner/second": "zombie", "partner/third": "dead"}}
    workers = {
        "radius-0": told,
        "radius-1": {"at": equipped.now - 90, "directories": {"hangang": False}, "homes": away},
    }
    homes = ("partner/first", "partner/second", "partner/third")
    equipped.status = RadiusStatus(workers, Backlog(), homes)
    boss.get("/console/nas")

    for server, state in zip(homes, ("answers", "does not answer, still tried", "given up"), strict=True):
        assert state in boss.page.split(server)[1].split("</dd>")[0]
    assert ">42<" in boss.page
    assert "tells nothing" in boss.page.split("radius-1")[1].split("</dd>")[0]
    assert "spared" in boss.page.split("Directory hangang")[1].split("</dd>")[0]


def test_a_company_sees_no_counters_of_the_whole_installation(equipped, visit):
    equipped.status = RadiusStatus({"radius-0": {"strangers": 41}}, Backlog(7, 1234))
    anna = visit("anna.schmidt@namsan")
    anna.get("/console/nas")

    assert "41" not in anna.page
    assert "1234" not in anna.page


def test_a_secret_that_two_have_is_said(boss, equipped):
    boss.post("/console/nas/add", **FORM)
    first = client(equipped)
    with equipped.database.write() as conn:
        shared = client(equipped, "vpn-hangang").secrets
        after = type(first)(**{**_fields(first), "secrets": shared})
        nas.change(conn, KEYRING, after, equipped.now, equipped.dice)

    boss.get(f"/console/nas/{first.id}")

    assert "vpn-hangang has the same one" in boss.page
    assert shared[0] not in boss.page


def _fields(value) -> dict:
    return {name: getattr(value, name) for name in value.__slots__}

"""The certificates of a NAS in the console: by what it may connect with RadSec."""

from html import unescape

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from access.store import nas, nas_certificates
from access.store.audit import Selection, records
from tests.access.residents import KEYRING
from tests.peers.certificates import create_authority

HEX = "ab12" * 16


@pytest.fixture
def equipped(town):
    town.equip()
    town.equip("namsan")
    return town


def number(town, name="vpn-hangang"):
    with town.database.read() as conn:
        return nas.client_by_name(conn, KEYRING, name).id


def held(town, name="vpn-hangang"):
    with town.database.read() as conn:
        return [each.value for each in nas_certificates.of_nas(conn, number(town, name))]


def add(browser, town, pasted, name="vpn-hangang"):
    browser.get(f"/console/nas/{number(town, name)}")
    return browser.post(f"/console/nas/{number(town, name)}/certificates/add", certificate=pasted)


def test_a_certificate_is_pasted_shown_and_removed_and_the_audit_says_who(equipped, visit, tmp_path):
    pem = create_authority(tmp_path).issue("vpn.hangang.example", client=True).certificate.read_text()
    pinned = x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA256()).hex()
    boss = visit("boss@hangang")

    add(boss, equipped, f"\n{pem}\n")

    assert held(equipped) == [pinned]
    assert pinned in boss.page
    boss.post(f"/console/nas/{number(equipped)}/certificates/remove", certificate=pinned)
    assert held(equipped) == []
    assert "None: it asks by UDP only." in boss.page
    with equipped.database.read() as conn:
        removed, added = records(conn, Selection(kind="nas"), KEYRING)
    assert (added.reason, removed.reason) == ("NAS_CERTIFICATE_ADDED", "NAS_CERTIFICATE_REMOVED")
    assert (removed.detail["certificate"], removed.detail["by"]) == (pinned, "boss@hangang")


@pytest.mark.parametrize("pasted", ["SHA256 Fingerprint=" + HEX.upper(), "vpn.hangang.example"])
def test_a_fingerprint_or_a_name_will_do(equipped, visit, pasted):
    add(visit("boss@hangang"), equipped, pasted)

    assert len(held(equipped)) == 1


@pytest.mark.parametrize("pasted", ["", "ab12", "-----BEGIN CERTIFICATE-----\nAAAA", "not_a.name!"])
def test_what_is_no_certificate_is_refused_and_stays_in_the_form(equipped, visit, pasted):
    boss = visit("boss@hangang")

    assert add(boss, equipped, pasted).status_code == 422

    assert held(equipped) == []
    assert pasted in unescape(boss.page)


def test_only_the_head_office_gives_names(equipped, visit):
    anna = visit("anna.schmidt@namsan")

    answer = add(anna, equipped, "vpn.hangang.example", "vpn-namsan")

    assert (answer.status_code, held(equipped, "vpn-namsan")) == (422, [])
    assert "Only the head office gives names" in anna.page


def test_a_certificate_of_another_company_is_refused_without_saying_whose_it_is(equipped, visit):
    add(visit("boss@hangang"), equipped, HEX)
    anna = visit("anna.schmidt@namsan")

    answer = add(anna, equipped, HEX, "vpn-namsan")

    assert (answer.status_code, held(equipped, "vpn-namsan")) == (422, [])
    assert "another organization" in anna.page
    assert "vpn-hangang" not in anna.page


def test_the_nas_of_another_company_is_not_there(equipped, visit):
    anna = visit("anna.schmidt@namsan")
    anna.get("/")
    for what in ("add", "remove"):
        path = f"/console/nas/{number(equipped)}/certificates/{what}"
        assert anna.post(path, certificate=HEX).status_code == 404

    assert held(equipped) == []

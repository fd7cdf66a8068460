"""Certificates in the portal: a file for a device, its password shown once, renewed and revoked."""

import re

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from access.certificates import issuing
from access.certificates.issuing import NewAuthority
from access.certificates.naming import names_of
from access.model import Organization
from access.proof.own_certificates import MOST_OWN, PICKUP_S
from access.store.tidying import tidy
from tests.access.console.browser import HOST

SHOWN = re.compile(r'<p class="secret" id="secret">(.*?)</p>')


@pytest.fixture(autouse=True)
def authority(town):
    company = Organization(town.organization_id("hangang"), "hangang", "한강전자", "hangang.example")
    return issuing.create_authority(town.certificates, NewAuthority(company), "test", town.now)


def shown_on(page):
    return re.sub(r"<[^>]+>", "", SHOWN.search(page)[1])


def held(town, name="minjun.kim"):
    return town.certificates.of_user(town.ids[name])


def fetch(visitor):
    """The file, as octets."""
    return visitor.client.get("/certificates/1/file", base_url=f"http://{HOST}")


def get(visitor, device="work laptop"):
    visitor.get("/certificates")
    return visitor.post("/certificates", device=device)


def test_a_person_gets_a_file_and_the_password_that_opens_it_once(town, visit):
    visitor = visit("minjun.kim@hangang")

    assert get(visitor).status_code == 200

    password = shown_on(visitor.page)
    answer = fetch(visitor)
    key, leaf, authorities = pkcs12.load_key_and_certificates(answer.data, password.encode())
    assert (answer.mimetype, len(authorities)) == ("application/x-pkcs12", 1)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="minjun.kim-1.p12"'
    assert key.public_key() == leaf.public_key()
    assert names_of(leaf).upns == ("minjun.kim@hangang.example",)
    visitor.get("/certificates")
    assert "work laptop" in visitor.page
    assert SHOWN.search(visitor.page) is None and password not in visitor.page


def test_it_takes_a_fresh_code(town, visit):
    visitor = visit("minjun.kim@hangang")
    get(visitor)
    town.now += 11 * 60
    visitor.get("/certificates")
    assert "Enter a code" in visitor.page

    for path in ("/certificates", "/certificates/1/renew"):
        visitor.get("/certificates")
        answer = visitor.post(path, follow=False, device="x")
        assert (answer.status_code, answer.location) == (303, "/confirm?next=/certificates")
    assert len(held(town)) == 1


def test_the_file_is_its_owners_alone_and_gone_after_minutes(town, visit):
    visitor, other = visit("minjun.kim@hangang"), visit("seoyeon.lee@hangang")
    get(visitor)

    assert fetch(other).status_code == 404
    assert fetch(visitor).status_code == 200

    town.now += PICKUP_S
    assert fetch(visitor).status_code == 404
    town.now -= 1
    assert fetch(visitor).status_code == 200
    tidy(town.database, town.now + 1)
    assert fetch(visitor).status_code == 404


def test_a_certificate_that_is_renewed_counts_on_beside_the_new_one(town, visit):
    visitor = visit("minjun.kim@hangang")
    get(visitor)
    visitor.get("/certificates")

    visitor.post("/certificates/1/renew")

    assert len(shown_on(visitor.page)) == 16
    new, old = held(town)
    assert (new.renews, new.device) == (1, "work laptop")
    assert old.valid_until == pytest.approx(town.now + 14 * 86400)


def test_revoking_takes_no_code_and_is_for_ones_own(town, visit):
    visitor, other = visit("minjun.kim@hangang"), visit("seoyeon.lee@hangang")
    get(visitor)

    other.get("/certificates")
    other.post("/certificates/1/revoke")
    assert held(town)[0].good(town.now)

    town.now += 11 * 60
    visitor.get("/certificates")
    visitor.post("/certificates/1/revoke")

    assert "is revoked" in visitor.page
    assert not held(town)[0].good(town.now)
    visitor.get("/records")
    assert "Certificate was revoked" in visitor.page


def test_nobody_renews_what_is_anothers_or_was_revoked(town, visit):
    visitor, other = visit("minjun.kim@hangang"), visit("seoyeon.lee@hangang")
    get(visitor)
    other.get("/certificates")
    other.post("/certificates/1/renew")
    visitor.get("/certificates")
    visitor.post("/certificates/1/revoke")
    visitor.post("/certificates/1/renew")

    assert len(held(town)) == 1
    assert held(town, "seoyeon.lee") == []


def test_where_no_authority_is_nothing_can_be_got(town, visit):
    visitor = visit("anna.schmidt@namsan")

    visitor.get("/certificates")

    assert "does not issue certificates" in visitor.page
    assert visitor.post("/certificates", follow=False, device="x").location == "/certificates"
    assert held(town, "anna.schmidt") == []


def test_nobody_has_more_than_a_handful(town, visit):
    visitor = visit("minjun.kim@hangang")
    for _ in range(MOST_OWN + 1):
        get(visitor)

    assert len(held(town)) == MOST_OWN
    assert "as many as you may have" in visitor.page


def test_the_page_speaks_korean(visit):
    visitor = visit("minjun.kim@hangang", language="ko")

    get(visitor)

    assert "새 인증서" in visitor.page
    assert "파일 받기" in visitor.page


def test_the_helpdesk_revokes_for_somebody_of_its_company_and_an_auditor_does_not(town, visit):
    get(visit("minjun.kim@hangang"))
    person = f"/console/users/{town.ids['minjun.kim']}"
    auditor, desk = visit("watcher@hangang"), visit("desk@hangang")
    auditor.get(person)
    assert "work laptop" in auditor.page
    assert auditor.post(f"{person}/certificates/1/revoke").status_code == 403
    assert held(town)[0].good(town.now)

    desk.get(person)
    desk.post(f"{person}/certificates/1/revoke")

    assert "is revoked" in desk.page
    assert not held(town)[0].good(town.now)
    desk.post(f"{person}/certificates/1/revoke")
    assert "was revoked before" in desk.page


def test_the_helpdesk_of_another_company_finds_nobody(town, visit):
    get(visit("minjun.kim@hangang"))
    other = visit("anna.schmidt@namsan")
    other.get("/")

    answer = other.post(f"/console/users/{town.ids['minjun.kim']}/certificates/1/revoke")

    assert answer.status_code == 404
    assert held(town)[0].good(town.now)

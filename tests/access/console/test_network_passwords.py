"""Network passwords in the portal and at the helpdesk, and the endpoints page of the console."""

import re

import pytest

from access.nas.registry import Endpoint
from access.proof.network_password import read
from access.store import audit, endpoints, network_passwords
from access.store.audit import Selection
from tests.access.console.town import Town
from tests.access.residents import KEYRING, give_phone, leave_to_a_namesake

SHOWN = re.compile(r'<p class="secret" id="secret">(.*?)</p>')
PRINTER = "00-00-5e-00-53-99"


def secret_on(page: str) -> str:
    return re.sub(r"<[^>]+>", "", SHOWN.search(page)[1])


def held(town: Town, name: str):
    with town.database.read() as conn:
        return network_passwords.summaries_of(conn, town.ids[name])


def recorded(town: Town, kind: str):
    with town.database.read() as conn:
        return [record.detail for record in audit.records(conn, Selection(kind=kind), KEYRING)]


def make(visitor, **more: str):
    visitor.get("/network-passwords")
    return visitor.post("/network-passwords", nickname="work laptop", days="30", **more)


def test_one_is_made_shown_once_and_works(town, visit):
    visitor = visit("minjun.kim@hangang")

    assert make(visitor).status_code == 200

    secret = secret_on(visitor.page)
    assert read(secret) == secret
    visitor.get("/network-passwords")
    assert "work laptop" in visitor.page
    assert secret not in visitor.page
    (summary,) = held(town, "minjun.kim")
    assert summary.valid_until == town.now + 30 * 86400
    (event,) = [each for each in recorded(town, "enrolment") if "network-password" in each["what"]]
    assert secret not in str(event) and event["nickname"] == "work laptop"


def test_making_one_takes_a_fresh_code(town, visit):
    visitor = visit("minjun.kim@hangang")
    town.now += 11 * 60
    visitor.get("/network-passwords")
    assert "Enter a code" in visitor.page

    visitor.get("/phones")
    answer = visitor.post("/network-passwords", follow=False, nickname="x", days="1")

    assert answer.location == "/confirm?next=/network-passwords"
    assert held(town, "minjun.kim") == ()


def test_nobody_has_more_than_the_company_allows(town, visit):
    visitor = visit("minjun.kim@hangang")
    for _ in range(5):
        assert make(visitor).status_code == 200
    visitor.get("/phones")

    assert visitor.post("/network-passwords", nickname="sixth", days="1").status_code == 409
    assert len(held(town, "minjun.kim")) == 5


def test_no_more_days_than_the_company_allows(town, visit):
    visitor = visit("minjun.kim@hangang")
    visitor.get("/network-passwords")
    visitor.post("/network-passwords", nickname="x", days="99999")

    assert held(town, "minjun.kim")[0].valid_until == town.now + 365 * 86400


def test_an_address_may_be_named_but_no_randomised_one(town, visit):
    visitor = visit("minjun.kim@hangang")

    assert make(visitor, endpoint="02:00:5e:00:53:42").status_code == 403
    assert "randomised" in visitor.page
    assert make(visitor, endpoint="00:00:5E:00:53:42").status_code == 200

    assert [each.endpoint for each in held(town, "minjun.kim")] == ["00-00-5e-00-53-42"]


def test_ones_own_is_revoked_and_another_persons_is_not(town, visit):
    make(visit("minjun.kim@hangang"))
    stranger = visit("seoyeon.lee@hangang")
    stranger.get("/network-passwords")
    stranger.post("/network-passwords/1/revoke")
    assert held(town, "minjun.kim")[0].revoked_at is None

    owner = visit("minjun.kim@hangang")
    owner.get("/network-passwords")
    owner.post("/network-passwords/1/revoke")

    assert "is revoked" in owner.page
    assert held(town, "minjun.kim")[0].revoked_at == town.now


def test_the_helpdesk_revokes_for_somebody_of_its_company(town, visit):
    make(visit("minjun.kim@hangang"))
    person = f"/console/users/{town.ids['minjun.kim']}"
    rival = visit("anna.schmidt@namsan")
    rival.get("/")
    assert rival.post(f"{person}/network-passwords/1/revoke").status_code == 404

    desk = visit("desk@hangang")
    desk.get(person)
    assert "work laptop" in desk.page
    desk.post(f"{person}/network-passwords/1/revoke")

    assert "is revoked" in desk.page
    assert held(town, "minjun.kim")[0].revoked_at == town.now
    assert {"desk@hangang"} < {each.get("by") for each in recorded(town, "enrolment")}
    desk.post(f"{person}/network-passwords/1/revoke")
    assert "revoked before" in desk.page


def register(visitor, **changed: str):
    fields = {"mac": PRINTER, "name": "printer 2F", "owner": "minjun.kim", "days": "100", **changed}
    visitor.get("/console/endpoints")
    return visitor.post("/console/endpoints", **fields)


def known(town: Town):
    with town.database.read() as conn:
        return endpoints.all_endpoints(conn)


def test_the_helpdesk_registers_extends_and_removes_an_endpoint(town, visit):
    desk = visit("desk@hangang")

    assert register(desk).status_code == 200
    (printer,) = known(town)
    assert (printer.owner, printer.valid_until) == ("minjun.kim@hangang", town.now + 100 * 86400)
    assert "printer 2F" in desk.page

    desk.post(f"/console/endpoints/{PRINTER}/extend", days="7")
    assert known(town)[0].valid_until == town.now + 7 * 86400
    desk.post(f"/console/endpoints/{PRINTER}/remove")
    assert known(town) == []
    reasons = {each["by"] for each in recorded(town, "endpoint")}
    assert reasons == {"desk@hangang"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"mac": "02-00-5e-00-53-99"}, "randomised"),
        ({"mac": "printer"}, "no MAC address"),
        ({"owner": "nobody.at.all"}, "answers for it"),
        ({"name": ""}, "cannot be a name"),
    ],
)
def test_an_endpoint_that_cannot_be_registered_says_why(town, visit, changed, said):
    desk = visit("desk@hangang")

    assert register(desk, **changed).status_code == 400
    assert said in desk.page
    assert known(town) == []


def test_an_endpoint_of_another_company_is_not_there(town, visit):
    with town.database.write() as conn:
        endpoints.add(conn, Endpoint(0, town.organization_id("namsan"), PRINTER, "theirs"), town.now)
    desk = visit("desk@hangang")
    desk.get("/console/endpoints")
    assert "theirs" not in desk.page

    desk.post(f"/console/endpoints/{PRINTER}/remove")

    assert len(known(town)) == 1


def test_the_owner_is_told_before_the_end(town, visit):
    register(visit("desk@hangang"), days="10")

    owner = visit("minjun.kim@hangang")
    assert "printer 2F, which you answer for, may log in only until" in owner.page
    owner.get("/network-passwords")
    assert "printer 2F" in owner.page
    assert "printer 2F" not in visit("seoyeon.lee@hangang").page

    town.now += 11 * 86400
    assert "may not log in any more" in visit("minjun.kim@hangang").page


def test_what_nobody_answers_for_is_listed_first_until_the_helpdesk_names_somebody(town, visit):
    desk = visit("desk@hangang")
    register(desk, mac="00-00-5e-00-53-01", name="scanner 1F", owner="seoyeon.lee")
    register(desk)
    assert "nobody answers for it" not in desk.page
    leave_to_a_namesake(town.database, "minjun.kim")

    desk.get("/console/endpoints")
    assert "Endpoints that nobody answers for: 1" in desk.page
    assert desk.page.index("printer 2F") < desk.page.index("scanner 1F")
    desk.post(f"/console/endpoints/{PRINTER}/owner", owner="nobody.at.all")
    assert "Nobody is named nobody.at.all" in desk.page
    desk.post(f"/console/endpoints/{PRINTER}/owner", owner="seoyeon.lee")

    assert "nobody answers for it" not in desk.page
    assert {each.owner for each in known(town)} == {"seoyeon.lee@hangang"}


def test_a_namesake_of_the_owner_who_left_is_told_nothing_of_what_was_theirs(town, visit):
    register(visit("desk@hangang"), days="10")
    give_phone(town.database, leave_to_a_namesake(town.database, "minjun.kim"))
    visitor = visit("minjun.kim@hangang")

    assert "printer 2F" not in visitor.page
    visitor.get("/network-passwords")
    assert "printer 2F" not in visitor.page


def test_an_endpoint_of_another_company_gets_no_owner(town, visit):
    register(visit("desk@hangang"))
    rival = visit("anna.schmidt@namsan")
    rival.get("/")
    rival.post(f"/console/endpoints/{PRINTER}/owner", owner="anna.schmidt@namsan")

    assert known(town)[0].owner == "minjun.kim@hangang"


def test_only_an_administrator_says_what_the_company_manages(town, visit):
    desk, boss = visit("desk@hangang"), visit("boss@hangang")
    register(desk, managed="yes")
    assert not known(town)[0].managed
    assert desk.post(f"/console/endpoints/{PRINTER}/manage", managed="yes").status_code == 403

    boss.post(f"/console/endpoints/{PRINTER}/manage", managed="yes")
    assert known(town)[0].managed
    assert "managed by the company" in boss.page

    boss.post(f"/console/endpoints/{PRINTER}/manage", managed="no")
    assert not known(town)[0].managed
    visit("anna.schmidt@namsan").post(f"/console/endpoints/{PRINTER}/manage", managed="yes")
    assert not known(town)[0].managed

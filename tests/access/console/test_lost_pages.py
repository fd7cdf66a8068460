"""A phone that is lost, found, or the first one, registered at a desk."""

from ipaddress import ip_network

import pytest
from sqlalchemy import insert

from access.proof import enrolment
from access.store import codes, tokens
from access.store.tables import passkeys
from otp import recovery
from tests.access.console.test_enrolment_pages import code_of, secret_of
from tests.access.console.test_pass_pages import page_of, told, what_was_done
from tests.access.residents import KEYRING, shown

HERE = {"hangang": (ip_network("127.0.0.0/8"),)}


def report(visit, name="minjun.kim@hangang"):
    visitor = visit()
    visitor.give_password(name)
    visitor.get("/lost")
    visitor.post("/lost")
    return visitor


def code_opens(town, visit, name="minjun.kim@hangang"):
    town.now += 30
    owner = visit()
    owner.give_password(name)
    owner.post("/sign-in/code", code=shown(now=town.now))
    return owner.path == "/"


def token_of(town, name):
    return town.identity.factors(town.ids[name]).tokens[0].id


def test_a_lost_phone_is_stopped_with_the_password_alone_and_other_browsers_with_it(town, visit):
    elsewhere = visit("minjun.kim@hangang")

    page = report(visit).page

    assert "Your phone is stopped" in page
    assert not code_opens(town, visit)
    elsewhere.get("/phones")
    assert elsewhere.path == "/sign-in"
    assert "enrolment.lost" in what_was_done(town, "minjun.kim")
    assert "phone-lost" in told(town, "minjun.kim")


def test_reporting_a_phone_lost_opens_nothing(town, visit):
    object.__setattr__(town.identity, "enrolment_networks", HERE)
    visitor = report(visit)

    for path in ("/", "/enrol", "/phones"):
        visitor.get(path)
        assert visitor.path == "/sign-in/registration"
    visitor.post("/sign-in/on-site")
    visitor.get("/enrol")
    assert visitor.path == "/sign-in/registration"


def test_a_stranger_reports_nothing_lost(town, visit):
    stranger = visit()
    stranger.give_password("minjun.kim@hangang", "wrong")
    stranger.post("/lost")

    assert code_opens(town, visit)


def test_the_helpdesk_lets_a_found_phone_count_again_within_a_day(town, visit):
    report(visit)
    desk = visit("desk@hangang")
    desk.get(page_of(town, "minjun.kim"))
    assert "reported lost" in desk.page

    desk.post(f"{page_of(town, 'minjun.kim')}/phones/{token_of(town, 'minjun.kim')}/give-back")

    assert "The phone counts again." in desk.page
    assert code_opens(town, visit)
    assert told(town, "minjun.kim")[-1] == "phone-found"


def given_back(town, visit, name="minjun.kim", helper="desk@hangang"):
    desk = visit(helper)
    desk.get(page_of(town, name))
    desk.post(f"{page_of(town, name)}/phones/{token_of(town, name)}/give-back")
    return "The phone counts again." in desk.page


def test_not_after_a_day(town, visit):
    report(visit)
    town.now += 86400

    assert not given_back(town, visit)
    assert not code_opens(town, visit)


def test_not_what_was_revoked_for_another_reason_nor_after_everything_was(town, visit):
    desk = visit("desk@hangang")
    desk.get(page_of(town, "seoyeon.lee"))
    desk.post(f"{page_of(town, 'seoyeon.lee')}/phones/{token_of(town, 'seoyeon.lee')}/revoke")
    assert not given_back(town, visit, "seoyeon.lee")

    report(visit)
    desk.post(f"{page_of(town, 'minjun.kim')}/phones/revoke")
    assert not given_back(town, visit)


def test_the_helpdesk_gives_an_administrator_nothing_back(town, visit):
    report(visit, "boss@hangang")

    assert not given_back(town, visit, "boss")


@pytest.fixture
def trusted(town):
    object.__setattr__(town.identity, "enrolment_networks", HERE)
    return town


def test_a_first_phone_is_registered_at_the_desk_without_a_code(trusted, visit):
    newcomer = visit()
    newcomer.give_password("newcomer@hangang")
    assert "You are in the office" in newcomer.page

    newcomer.post("/sign-in/on-site")

    assert newcomer.path == "/enrol"
    assert "sign-in.on-site" in what_was_done(trusted, "newcomer")
    assert trusted.identity.factors(trusted.ids["newcomer"]).tokens[0].origin.value == "on-site"


def test_nowhere_else_and_not_where_the_address_is_none(town, visit):
    object.__setattr__(town.identity, "enrolment_networks", {"hangang": (ip_network("10.0.0.0/8"),)})
    newcomer = visit()
    newcomer.give_password("newcomer@hangang")
    assert "You are in the office" not in newcomer.page

    newcomer.post("/sign-in/on-site")

    newcomer.get("/enrol")
    assert newcomer.path == "/sign-in/registration"
    assert not town.identity.may_enrol_at(town.user("newcomer"), "not an address")


def test_another_company_trusts_its_own_places_and_somebody_with_a_role_is_at_none(trusted, visit):
    trusted.put_into("newcomer", "helpdesk")
    newcomer = visit()
    newcomer.give_password("newcomer@hangang")

    newcomer.post("/sign-in/on-site")

    newcomer.get("/enrol")
    assert newcomer.path == "/sign-in/registration"
    assert not trusted.identity.may_enrol_at(trusted.user("rival"), "127.0.0.1")


def begins_on_site(visit, name="newcomer@hangang"):
    newcomer = visit()
    newcomer.give_password(name)
    newcomer.post("/sign-in/on-site")
    newcomer.get("/enrol")
    return newcomer.path == "/enrol"


def spend_recovery(town, visit):
    """Recovery codes once, and nothing of them any more."""
    printed = recovery.issue(town.dice, town.identity.code_key())[1]
    with town.database.write() as conn:
        codes.replace_recovery(conn, town.ids["newcomer"], printed, KEYRING.current, town.now)
        codes.remove(conn, town.ids["newcomer"], town.now)


def revoke_passkey(town, visit):
    user_id = town.ids["newcomer"]
    with town.database.write() as conn:
        row = {"user_id": user_id, "organization_id": town.organization_id("hangang")}
        row |= {"credential_id": b"once", "public_key": b"sealed", "created_at": town.now}
        conn.execute(insert(passkeys).values(**row, revoked_at=town.now))


def cut_link(town, visit):
    """The phone of another company counted here once."""
    link = town.link("newcomer", "rival")
    town.gate().links.end(town.user("boss"), link, town.now)


@pytest.mark.parametrize("once", [spend_recovery, revoke_passkey, cut_link])
def test_who_once_had_something_beside_the_password_is_no_newcomer(trusted, visit, once):
    once(trusted, visit)

    assert not begins_on_site(visit)


def test_who_began_and_never_proved_a_phone_is_still_a_newcomer(trusted, visit):
    assert begins_on_site(visit)
    trusted.now += 3600
    with trusted.database.write() as conn:
        assert tokens.revoke_pending(conn, trusted.now, trusted.now)

    assert begins_on_site(visit)


def test_a_phone_that_was_lost_does_not_come_back_beside_the_one_in_its_place(town, visit):
    visitor = report(visit)
    invited = enrolment.invite(town.identity, town.user("minjun.kim"), "boss", town.now)
    visitor.get("/sign-in/registration")
    visitor.post("/sign-in/registration", registration_code=invited.code)
    visitor.post("/enrol", code=code_of(secret_of(visitor), town.now))
    assert visitor.path == "/enrol/recovery"

    assert not given_back(town, visit)

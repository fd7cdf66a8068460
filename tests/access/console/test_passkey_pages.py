"""Passkeys over the pages, with an authenticator in software in the place of a browser's."""

import json

import pytest

from access.console import create_app
from access.model import Role
from access.proof.enrolment import invite
from tests.access.authenticator import USER_PRESENT, Authenticator
from tests.access.console.browser import Browser
from tests.access.console.town import PASSWORD
from tests.access.residents import shown

BASE = "http://localhost:8080"


class Visitor(Browser):
    """Somebody at http://localhost:8080, who has an authenticator."""

    def __post_init__(self):
        super().__post_init__()
        self.client.set_cookie("language", "en", domain="localhost")
        self.authenticator = Authenticator(origin=BASE, rp_id="localhost")

    def get(self, path, follow=True, **headers):
        return self._take(self.client.get(path, base_url=BASE, follow_redirects=follow))

    def post_bare(self, path, follow=True, **fields):
        return self._take(self.client.post(path, data=fields, base_url=BASE, follow_redirects=follow))

    def asked(self, path):
        """What our script gets when the button is pressed."""
        return self.client.post(f"{path}/options", data={"csrf_token": self.token}, base_url=BASE)

    def register(self, nickname="laptop", **wrong):
        self.get("/passkeys/register")
        answer = self.asked("/passkeys/register")
        made = self.authenticator.make(answer.text, **wrong)
        return self.post("/passkeys/register", credential=made, nickname=nickname)

    def prove(self, next="", **wrong):
        answer = self.asked("/passkeys/proof")
        assert answer.status_code == 200, answer.text
        signed = self.authenticator.sign(answer.text, **wrong)
        return self.post("/passkeys/proof", credential=signed, next=next)

    def by_code(self, name):
        self.give_password(name, PASSWORD)
        self.town.now += 30
        self.post("/sign-in/code", code=shown(now=self.town.now))
        return self


@pytest.fixture
def come(town):
    """Let somebody come; restricted: roles that open with a passkey alone."""

    def come(name="", *restricted):
        town.know_passkeys(BASE, *restricted)
        visitor = Visitor(create_app(town.gate(BASE)), town)
        return visitor.by_code(name) if name else visitor

    return come


def again(visitor, name):
    """The same person and authenticator, in another browser, behind the password."""
    other = Visitor(visitor.app, visitor.town)
    other.authenticator = visitor.authenticator
    other.give_password(name)
    return other


def test_somebody_registers_one_and_sees_it_in_the_list(come):
    visitor = come("minjun.kim@hangang")

    visitor.register()

    assert visitor.path == "/phones"
    assert "The passkey is registered" in visitor.page
    assert "laptop" in visitor.page


def test_the_next_sign_in_offers_it_and_takes_it(come):
    visitor = come("minjun.kim@hangang")
    visitor.register()

    other = again(visitor, "minjun.kim@hangang")
    assert other.path == "/sign-in/code"
    assert 'data-passkey="/passkeys/proof/options"' in other.page
    assert 'name="code"' in other.page
    other.prove()

    assert other.path == "/"
    other.get("/phones")
    assert "127.0.0.1" in other.page


def test_without_a_passkey_only_a_code_is_asked_for(come):
    visitor = come()
    visitor.give_password("minjun.kim@hangang")

    assert "data-passkey" not in visitor.page
    answer = visitor.asked("/passkeys/proof")
    assert (answer.status_code, answer.json["title"]) == (403, "No phone is registered")


def test_a_fresh_code_is_asked_for_first(come, town):
    visitor = come("minjun.kim@hangang")
    town.now += 601

    visitor.get("/passkeys/register")
    assert visitor.path == "/confirm"
    answer = visitor.asked("/passkeys/register")
    assert answer.status_code == 401

    visitor.post("/confirm", code=shown(now=town.now), next="/passkeys/register")
    assert visitor.path == "/passkeys/register"


def test_a_passkey_is_fresh_proof_too(come, town):
    visitor = come("minjun.kim@hangang")
    visitor.register()
    town.now += 601

    visitor.get("/passkeys/register")
    assert visitor.path == "/confirm"
    visitor.prove(next="/passkeys/register")

    assert visitor.path == "/passkeys/register"


def test_a_newcomer_begins_with_one_and_keeps_recovery_codes(come, town):
    visitor = come()
    visitor.give_password("newcomer@hangang")
    code = invite(town.identity, town.user("newcomer"), "desk", town.now).code
    visitor.post("/sign-in/registration", registration_code=code)
    assert 'href="/passkeys/register"' in visitor.page

    visitor.register()

    assert visitor.path == "/enrol/recovery"
    assert visitor.page.count('class="recovery-code"') == 10
    other = again(visitor, "newcomer@hangang")
    other.prove()
    assert other.path == "/"


def test_a_wrong_answer_leads_back_with_a_sentence(come, town):
    visitor = come("minjun.kim@hangang")
    visitor.register()
    other = again(visitor, "minjun.kim@hangang")

    assert other.prove(origin="http://localhost:9999").status_code == 401
    assert "The passkey could not be verified" in other.page
    assert other.prove(flags=USER_PRESENT).status_code == 401
    other.prove()
    assert other.path == "/"
    assert other.prove(next="/phones", origin="http://localhost:9999").status_code == 401
    assert "Is it still you?" in other.page


def test_a_copy_is_refused(come):
    visitor = come("minjun.kim@hangang")
    visitor.register()
    again(visitor, "minjun.kim@hangang").prove()

    other = again(visitor, "minjun.kim@hangang")
    assert other.prove(count=1).status_code == 401
    assert "The passkey may have been copied" in other.page


def test_a_question_cannot_be_had_without_the_token_of_a_form_nor_by_a_stranger(come):
    visitor = come("minjun.kim@hangang")
    assert visitor.client.post("/passkeys/register/options", base_url=BASE).status_code == 400

    stranger = come()
    stranger.get("/sign-in")
    assert stranger.asked("/passkeys/proof").status_code == 303
    assert stranger.asked("/passkeys/register").status_code == 303


def test_its_owner_renames_and_removes_it(come):
    visitor = come("minjun.kim@hangang")
    visitor.register()
    passkey_id = visitor.town.identity.factors(visitor.town.ids["minjun.kim"]).passkeys[0].id

    visitor.post(f"/passkeys/{passkey_id}/rename", nickname="key ring")
    assert "key ring" in visitor.page
    visitor.post(f"/passkeys/{passkey_id}/remove")

    assert "The passkey is removed" in visitor.page
    assert "No passkey is registered." in visitor.page
    assert "data-passkey" not in again(visitor, "minjun.kim@hangang").page


def test_the_helpdesk_sees_and_revokes_it(come):
    visitor = come("minjun.kim@hangang")
    visitor.register()
    town = visitor.town
    user_id = town.ids["minjun.kim"]
    passkey_id = town.identity.factors(user_id).passkeys[0].id

    watcher = come("watcher@hangang")
    watcher.get(f"/console/users/{user_id}")
    assert "laptop" in watcher.page and f"passkeys/{passkey_id}/revoke" not in watcher.page
    assert watcher.post(f"/console/users/{user_id}/passkeys/{passkey_id}/revoke").status_code == 403

    desk = come("desk@hangang")
    desk.get(f"/console/users/{user_id}")
    desk.post(f"/console/users/{user_id}/passkeys/{passkey_id}/revoke")
    assert "The passkey is revoked." in desk.page
    desk.post(f"/console/users/{user_id}/passkeys/{passkey_id}/revoke")
    assert "It was revoked before." in desk.page


def test_the_console_opens_only_with_a_passkey_where_the_setting_says_so(come):
    visitor = come("boss@hangang", Role.ADMIN)

    visitor.get("/console/nas")
    assert visitor.path == "/passkeys/needed"
    assert "Come back here and confirm with it." in visitor.page
    assert visitor.post("/console/nas/1/remove").status_code == 200 and visitor.path == "/passkeys/needed"
    visitor.register()
    visitor.get("/console/nas")
    assert visitor.path == "/passkeys/needed"
    visitor.prove(next="/console/nas")

    assert visitor.path == "/console/nas"


def test_other_roles_still_open_with_a_code(come):
    visitor = come("desk@hangang", Role.ADMIN)

    visitor.get("/console")

    assert visitor.path == "/console"


def test_an_employee_is_told_nothing_of_it(come):
    visitor = come("minjun.kim@hangang", Role.ADMIN)

    assert visitor.get("/console").status_code == 403
    visitor.get("/passkeys/needed")
    assert visitor.path == "/console"


def test_an_administrator_with_a_passkey_confirms_with_it_alone(come, town):
    visitor = come("boss@hangang", Role.ADMIN)
    visitor.register()
    town.now += 601
    visitor.get("/confirm?next=/phones")

    assert 'name="code"' not in visitor.page
    visitor.prove(next="/phones")
    assert visitor.path == "/phones"


def test_the_list_leads_back_to_what_was_asked_for_and_to_no_other_site(come):
    visitor = come("boss@hangang", Role.ADMIN)
    visitor.register()
    visitor.get("/passkeys/needed?next=https://evil.example/")

    visitor.prove(next="https://evil.example/")

    assert visitor.path == "/"


def test_at_an_address_where_browsers_have_none_they_are_not_offered(visit, town):
    town.know_passkeys("http://127.0.0.1:8080")
    visitor = Browser(create_app(town.gate()), town).sign_in("minjun.kim@hangang")

    visitor.get("/phones")
    assert "Passkeys cannot be used at this address." in visitor.page
    visitor.get("/passkeys/register")
    assert "data-passkey" not in visitor.page
    answer = visitor.client.post(
        "/passkeys/register/options", data={"csrf_token": visitor.token}, base_url="http://127.0.0.1:8080"
    )
    assert (answer.status_code, answer.json["title"]) == (409, "There are no passkeys at this address")


def test_what_the_browser_is_asked_is_not_kept_by_anybody(come):
    visitor = come("minjun.kim@hangang")
    visitor.get("/passkeys/register")

    answer = visitor.asked("/passkeys/register")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_type == "application/json"
    assert json.loads(answer.text)["rp"]["id"] == "localhost"

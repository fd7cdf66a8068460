"""Passkeys in a real browser: Chromium's virtual authenticator in the place of a fingerprint."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from access.model import Role
from access.proof.passkeys import revoke
from tests.access.console.test_browser import give_password, too_wide
from tests.access.residents import shown
from tests.peers.chromium import Chromium, Screen, find_barriers

pytestmark = pytest.mark.peer("chromium")
KIM, BOSS = "minjun.kim@hangang", "boss@hangang"


@dataclass
class Key:
    """A virtual authenticator of one page, over the DevTools protocol's WebAuthn domain."""

    session: CDPSession
    id: str

    def ask(self, method: str, **more: Any) -> Any:
        return self.session.send(f"WebAuthn.{method}", {"authenticatorId": self.id, **more})

    def verified(self, right: bool) -> None:
        """Whether fingerprint, face or PIN are right from now on."""
        self.ask("setUserVerified", isUserVerified=right)

    def present(self, there: bool) -> None:
        """Whether anybody touches it from now on."""
        self.ask("setAutomaticPresenceSimulation", enabled=there)

    def credentials(self) -> list[dict[str, Any]]:
        return list(self.ask("getCredentials")["credentials"])

    def become(self, credentials: list[dict[str, Any]]) -> None:
        """Be a copy that knows these."""
        self.ask("clearCredentials")
        for each in credentials:
            self.ask("addCredential", credential=each)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with Chromium() as started:
        yield started


@contextmanager
def with_key(chromium: Chromium, screen: Screen = Screen.DESKTOP) -> Iterator[tuple[Page, Key]]:
    with chromium.visit(screen) as page:
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield page, Key(session, made["authenticatorId"])


def by_code(page: Page, base: str, town, name: str) -> None:
    town.now += 30
    give_password(page, base, name)
    page.wait_for_url("**/sign-in/code")
    page.fill("#code", shown(now=town.now))
    page.locator("form[action='/sign-in/code'] button").click()
    page.wait_for_url(f"{base}/")


def register(page: Page, base: str, name: str = "노트북") -> None:
    page.goto(f"{base}/passkeys/register")
    page.fill("#nickname", name)
    page.get_by_role("button", name="패스키 등록").click()
    page.wait_for_url(f"{base}/phones")


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="로그아웃").click()
    page.wait_for_url("**/sign-in")


def test_somebody_registers_one_and_signs_in_with_it(chromium, town):
    with town.served_with_passkeys() as base, with_key(chromium, Screen.PHONE) as (page, _key):
        by_code(page, base, town, KIM)
        page.goto(f"{base}/passkeys/register")
        expect(page.locator("[data-without-passkey]")).to_be_hidden()
        assert find_barriers(page) == []
        assert not too_wide(page)
        register(page, base)
        expect(page.locator("#passkeys")).to_contain_text("노트북")
        assert find_barriers(page) == []
        assert not too_wide(page)

        sign_out(page)
        give_password(page, base, KIM)
        button = page.get_by_role("button", name="패스키로 로그인")
        expect(button).to_be_visible()
        expect(page.locator("#code")).to_be_visible()
        assert find_barriers(page) == []
        assert not too_wide(page)
        button.click()

        page.wait_for_url(f"{base}/")
        (passkey,) = town.identity.factors(town.ids["minjun.kim"]).passkeys
        assert passkey.used_at == town.now


def test_one_that_was_cancelled_or_not_verified_is_told_and_can_be_tried_again(chromium, town):
    with town.served_with_passkeys() as base, with_key(chromium) as (page, key):
        by_code(page, base, town, KIM)
        register(page, base)
        sign_out(page)
        give_password(page, base, KIM)
        said = page.locator("form[data-passkey] [role=alert]")
        button = page.get_by_role("button", name="패스키로 로그인")

        key.verified(False)
        button.click()
        expect(said).to_contain_text("취소되었거나 시간이 지났습니다")
        expect(button).to_be_enabled()
        assert find_barriers(page) == []
        page.evaluate(
            """() => { navigator.credentials.get =
                () => Promise.reject(new DOMException("", "NotAllowedError")); }"""
        )
        button.click()
        expect(said).to_contain_text("취소되었거나 시간이 지났습니다")
        assert page.url == f"{base}/sign-in/code"
        page.reload()
        key.verified(True)
        button.click()

        page.wait_for_url(f"{base}/")


def test_the_same_device_is_not_registered_twice(chromium, town):
    with town.served_with_passkeys() as base, with_key(chromium) as (page, key):
        by_code(page, base, town, KIM)
        register(page, base)
        page.goto(f"{base}/passkeys/register")
        page.get_by_role("button", name="패스키 등록").click()

        expect(page.locator("form[data-passkey] [role=alert]")).to_contain_text("이미 등록한 패스키")
        assert len(key.credentials()) == 1


def test_at_another_address_the_browser_signs_nothing(chromium, town):
    with town.served_with_passkeys() as base, with_key(chromium) as (page, _key):
        by_code(page, base, town, KIM)
        register(page, base)
        sign_out(page)
        elsewhere = base.replace("localhost", "127.0.0.1")

        give_password(page, elsewhere, KIM)
        expect(page.locator("#code")).to_be_visible()
        expect(page.locator("form[data-passkey]")).to_have_count(0)
        # A false page would ask all the same, for our name: the browser refuses.
        refused = page.evaluate(
            """() => navigator.credentials.get({ publicKey: {
                challenge: new Uint8Array(32), rpId: "localhost", userVerification: "required" } })
                .then(() => "signed", (error) => error.name)"""
        )
        assert refused == "SecurityError"


def test_a_copy_is_found_out_by_its_count(chromium, town):
    with town.served_with_passkeys() as base, with_key(chromium) as (page, key):
        by_code(page, base, town, KIM)
        register(page, base)
        copied = key.credentials()
        for _ in range(2):
            sign_out(page)
            give_password(page, base, KIM)
            page.get_by_role("button", name="패스키로 로그인").click()
            page.wait_for_url(f"{base}/")

        sign_out(page)
        key.become(copied)
        give_password(page, base, KIM)
        page.get_by_role("button", name="패스키로 로그인").click()

        expect(page.get_by_role("alert").first).to_contain_text("패스키가 복제되었을 수 있습니다")


def test_one_that_was_removed_meanwhile_signs_nobody_in(chromium, town):
    with town.served_with_passkeys() as base, with_key(chromium) as (page, _key):
        by_code(page, base, town, KIM)
        register(page, base)
        sign_out(page)
        give_password(page, base, KIM)
        button = page.get_by_role("button", name="패스키로 로그인")
        expect(button).to_be_visible()

        revoke(town.identity, town.user("minjun.kim"), None, "desk", town.now)
        button.click()

        expect(page.locator("form[data-passkey] [role=alert]")).to_be_visible()
        assert page.url == f"{base}/sign-in/code"


def test_the_console_opens_with_it_alone_where_the_setting_says_so(chromium, town):
    with town.served_with_passkeys(Role.ADMIN) as base, with_key(chromium) as (page, _key):
        by_code(page, base, town, BOSS)
        page.get_by_role("link", name="콘솔").click()
        page.wait_for_url("**/passkeys/needed**")
        assert find_barriers(page) == []
        register(page, base)
        page.get_by_role("link", name="콘솔").click()
        page.wait_for_url("**/passkeys/needed**")
        assert find_barriers(page) == []
        page.get_by_role("button", name="패스키로 확인").click()

        page.wait_for_url(f"{base}/console")
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_without_scripts_the_code_is_there_and_a_page_says_what_is_missing(chromium, town):
    with town.served_with_passkeys() as base, with_key(chromium) as (page, _key):
        by_code(page, base, town, KIM)
        register(page, base)
        context = chromium._browser.new_context(java_script_enabled=False, locale="ko-KR")
        try:
            plain = context.new_page()
            by_code(plain, base, town, KIM)
            plain.goto(f"{base}/passkeys/register")
            expect(plain.locator("[data-without-passkey]")).to_be_visible()
            expect(plain.locator("form[data-passkey]")).to_be_hidden()
        finally:
            context.close()


def test_the_browser_finds_nothing_against_our_own_rules(chromium, town):
    with town.served_with_passkeys() as base, with_key(chromium) as (page, _key):
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        by_code(page, base, town, KIM)
        register(page, base)
        sign_out(page)
        give_password(page, base, KIM)
        page.get_by_role("button", name="패스키로 로그인").click()
        page.wait_for_url(f"{base}/")

        assert said == []

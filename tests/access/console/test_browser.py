"""The pages in a real browser, at the sizes of a desk and of a phone, and what axe-core finds on them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from access.changes.reviewing import By, Desk, Fate, Wish, start
from access.proof.enrolment import invite
from tests.access.console.test_directory_page import add_partner, hold
from tests.access.console.test_enrolment_pages import code_of
from tests.access.console.town import CASE, PASSWORD
from tests.access.residents import shown
from tests.peers.chromium import Chromium, Screen, find_barriers

pytestmark = pytest.mark.peer("chromium")
PORTAL = (
    "/",
    "/reach",
    "/access",
    "/phones",
    "/lost",
    "/passes",
    "/vouch",
    "/network-passwords",
    "/certificates",
    "/records",
    f"/case?code={CASE}",
    "/enrol",
    "/nowhere",
)
CONSOLE = (
    "/console",
    "/console/users?q=m",
    "/console/groups",
    "/console/links",
    "/console/relinks",
    f"/console/cases?code={CASE}",
    "/console/endpoints",
    "/console/devices",
    "/console/nas",
    "/console/nas/add",
    "/console/nas/1",
    "/console/alarms",
    "/console/containments?whom=user&name=minjun.kim#contain",
    "/console/grants",
    "/console/openings",
    "/open-office",
    "/console/directory",
    "/console/directory?name=partner",
    "/console/policy",
    "/console/policy/proof",
    "/console/reviews",
    "/console/policy/edit",
    "/console/policy/changes",
    "/console/policy/changes/1",
    "/console/policy/history",
    "/console/audit?verify=yes",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with Chromium() as started:
        yield started


@pytest.fixture
def base(town) -> Iterator[str]:
    town.publish()
    town.keep_draft()
    town.equip()
    town.connect("minjun.kim")
    town.refuse("minjun.kim")
    town.link("minjun.kim", "rival")
    hold(town, "minjun.kim")
    keep_a_group(town)
    review_everything(town)
    add_partner(town)
    with town.served() as address:
        yield address


def review_everything(town) -> None:
    desk = Desk(town.gate().policy.reviews, town.gate().policy.current(), town.now)
    start(desk, By("root"), Wish(town.now + 86400, None, fate=Fate.SILENCE))


def keep_a_group(town) -> None:
    desk, boss = town.gate().local_groups, town.user("boss")
    made = desk.add(boss, "새 매장", "minjun.kim", "Opening the new shop", town.now)
    desk.join(boss, made.id, "minjun.kim", town.now + 86400 * 30, town.now)


def give_password(page: Page, base: str, name: str) -> None:
    page.goto(f"{base}/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("main button")


def sign_in(page: Page, base: str, town, name: str) -> None:
    town.now += 30
    give_password(page, base, name)
    page.wait_for_url("**/sign-in/code")
    page.fill("#code", shown(now=town.now))
    page.click("main button")
    page.wait_for_url(f"{base}/")


def too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def look_at(page: Page, town, name: str, locale: str, paths: list[str]) -> None:
    """Sign somebody in, in the language of a locale; no page may have barriers or be too wide."""
    with town.served() as base:
        page.goto(f"{base}/sign-in")
        page.locator(f"button[name=language][value={locale[:2]}]").click()
        sign_in(page, base, town, name)
        for path in paths:
            page.goto(f"{base}{path}")
            assert find_barriers(page) == [], path
            assert not too_wide(page), path


def test_a_newcomer_enrols_on_a_phone(chromium, base, town):
    with chromium.visit(Screen.PHONE) as page:
        give_password(page, base, "newcomer@hangang")
        page.wait_for_url("**/sign-in/registration")
        assert find_barriers(page) == []
        page.fill("#registration_code", invite(town.identity, town.user("newcomer"), "desk", town.now).code)
        page.click("main button")
        page.wait_for_url("**/enrol")

        button = page.get_by_role("link", name="인증 앱에서 열기")
        expect(button).to_be_visible()
        assert button.get_attribute("href").startswith("otpauth://totp/")
        expect(page.locator(".qr").first).to_be_hidden()
        assert find_barriers(page) == []
        assert not too_wide(page)

        pending = town.identity.pending_token(town.ids["newcomer"], town.now - 1)
        page.fill("#code", code_of(pending.token.secret, town.now))
        page.get_by_role("button", name="이 휴대폰 등록").click()
        page.wait_for_url("**/enrol/recovery")
        expect(page.locator(".recovery-code")).to_have_count(10)
        assert find_barriers(page) == []
        assert not too_wide(page)

        page.check("#saved")
        page.get_by_role("button", name="마침").click()
        page.wait_for_url(f"{base}/")
        expect(page.get_by_role("heading", level=1)).to_have_text("새내기 님, 안녕하세요")


def test_at_a_desk_the_picture_is_large_and_white_also_in_the_dark(chromium, base, town):
    with chromium.visit(Screen.DESKTOP) as page:
        page.emulate_media(color_scheme="dark")
        sign_in(page, base, town, "minjun.kim@hangang")
        page.goto(f"{base}/enrol")

        frame = page.locator(".qr-frame").first
        box = frame.bounding_box()
        assert box["width"] >= 240 and box["height"] >= 240
        assert frame.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
        expect(page.get_by_role("img", name="인증 앱으로 찍을 QR 코드").first).to_be_visible()
        assert find_barriers(page) == []


@pytest.mark.parametrize(("screen", "locale"), [(Screen.DESKTOP, "ko-KR"), (Screen.PHONE, "en-US")])
def test_the_pages_have_no_barriers_and_fit_the_screen(chromium, base, town, screen, locale):
    with chromium.visit(screen, locale) as page:
        page.goto(f"{base}/sign-in")
        page.locator(f"button[name=language][value={locale[:2]}]").click()
        assert find_barriers(page) == []
        sign_in(page, base, town, "boss@hangang")
        paths = (*PORTAL, *CONSOLE, f"/console/users/{town.ids['minjun.kim']}/explain?via=vpn")
        for path in paths:
            page.goto(base + path)
            assert find_barriers(page) == [], path
            assert not too_wide(page), path


def test_the_list_of_sessions_keeps_itself_fresh(chromium, base, town):
    with chromium.visit(Screen.DESKTOP) as page:
        page.clock.install()
        sign_in(page, base, town, "boss@hangang")
        page.goto(f"{base}/console")
        expect(page.get_by_role("link", name="김민준")).to_be_visible()

        town.connect("seoyeon.lee", "10.77.0.22")
        town.now += 5
        page.clock.run_for(6000)

        expect(page.get_by_role("link", name="이서연")).to_be_visible()
        expect(page.locator("#fresh")).to_have_text("2027-01-15 17:00:35 KST")


def test_what_cannot_be_taken_back_is_asked_for_twice_and_waits_for_the_answer(chromium, base, town):
    with chromium.visit(Screen.PHONE) as page:
        page.clock.install()
        sign_in(page, base, town, "boss@hangang")
        page.goto(f"{base}/console")
        sure = page.get_by_role("button", name="네, 진행합니다").first
        expect(sure).to_have_count(0)
        page.locator("summary", has_text="접속 끊기").click()
        page.evaluate("document.activeElement.blur()")

        town.connect("seoyeon.lee", "10.77.0.22")
        page.clock.run_for(6000)

        expect(page.get_by_role("link", name="이서연")).to_be_hidden()
        assert find_barriers(page) == []
        assert not too_wide(page)
        sure.click()
        expect(page.get_by_text("NAS에 접속 종료를 요청했습니다.")).to_be_visible()
        assert town.wish(1) == ("end", "wanted")


def test_without_scripts_everything_still_works(chromium, base, town):
    browser = chromium._browser
    context = browser.new_context(java_script_enabled=False, locale="ko-KR")
    try:
        page = context.new_page()
        sign_in(page, base, town, "boss@hangang")
        page.goto(f"{base}/console")
        page.fill("#q", "minjun")
        page.get_by_role("button", name="보기").click()
        expect(page.get_by_role("link", name="김민준")).to_be_visible()
    finally:
        context.close()


def test_the_browser_finds_nothing_against_our_own_rules(chromium, base, town):
    with chromium.visit(Screen.DESKTOP) as page:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        sign_in(page, base, town, "boss@hangang")
        for path in ("/", "/enrol", "/console", "/console/devices", "/console/policy"):
            page.goto(base + path)

        assert said == []


@pytest.mark.parametrize(("screen", "rows"), [(Screen.DESKTOP, 1), (Screen.PHONE, 3)])
def test_the_whole_menu_is_in_sight_in_few_rows(chromium, base, town, screen, rows):
    with chromium.visit(screen, "en-US") as page:
        sign_in(page, base, town, "boss@hangang")
        page.locator("button[name=language][value=en]").click()
        for path in ("/", "/console", "/console/audit"):
            page.goto(base + path)
            entries = page.locator("nav.rooms a").all()
            width = page.evaluate("document.documentElement.clientWidth")
            places = [entry.bounding_box() for entry in entries]

            assert all(place["x"] >= 0 and place["x"] + place["width"] <= width for place in places)
            assert len({place["y"] for place in places}) <= rows
        page.get_by_role("link", name="My own access").click()
        page.wait_for_url(f"{base}/")


def test_targets_are_large_enough_for_a_finger(chromium, base, town):
    with chromium.visit(Screen.PHONE) as page:
        sign_in(page, base, town, "minjun.kim@hangang")
        small = page.evaluate(
            """() => [...document.querySelectorAll("button, nav a, summary, input, select")]
                .filter((e) => e.offsetParent && (e.offsetHeight < 24 || e.offsetWidth < 24))
                .map((e) => e.outerHTML)"""
        )

        assert small == []

"""The pages about a policy that is tried and changed, in a real browser at both sizes and by the keyboard."""

from collections.abc import Iterator

import pytest

from access.changes.reviewing import By, Desk, Fate, Wish, start
from tests.access.console.test_browser import look_at, sign_in, too_wide
from tests.access.console.test_replay_pages import log_in
from tests.access.console.test_that_day import field
from tests.access.console.test_zone_pages import EXCEPTED
from tests.peers.chromium import Chromium, Screen, find_barriers

pytestmark = pytest.mark.peer("chromium")
ADMINS = "    who: [group:hangang/it-admins]\n"
TEXT = EXCEPTED.replace(ADMINS, f"{ADMINS}    owner: minjun.kim@hangang\n    review: 2027-01-01\n")
CLOSED = TEXT.replace("who: [group:hangang/vpn-users]", "who: [user:boss@hangang]")
MISTAKEN = TEXT.replace("otp_age: 12h", "otp_age: twelve hours").replace(
    "10.99.0.0/25", "10.99.0.1/25, a-network-of-which-nobody-knows-the-address-" + 30 * "x"
)
WEEK = "from=2027-01-14T00:00&to=2027-01-16T00:00"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with Chromium() as started:
        yield started


@pytest.fixture
def paths(town) -> list[str]:
    """Every page with something on it."""
    town.publish(TEXT)
    log_in(town, town.now - 1800, TEXT)
    number = town.keep_draft(CLOSED)
    policy = town.gate().policy
    wish = Wish(town.now + 9 * 86400, None, fate=Fate.SILENCE)
    start(Desk(policy.reviews, policy.current(), town.now), By("root"), wish)
    person = f"/console/users/{town.ids['minjun.kim']}"
    return [
        "/console/policy/zones",
        "/console/policy/proof?days=366",
        "/console/policy/proof?days=many",
        f"/console/policy/changes/{number}",
        f"/console/policy/changes/{town.keep_draft(MISTAKEN)}",
        f"/console/policy/changes/{number}/replay",
        f"/console/policy/changes/{number}/replay?{WEEK}",
        f"/console/policy/changes/{number}/replay?from=x",
        f"/console/policy/changes/{number}/ahead?at=2027-12-31T00:00",
        f"/console/policy/changes/{number}/ahead?at=x",
        "/console/reviews",
        "/console/reviews/campaigns/1/close",
        person,
        f"{person}/explain?via=vpn&at={field(town.now - 1800)}",
        f"{person}/explain?via=vpn&nas=namsan",
        f"{person}/explain?via=vpn&at=whenever",
        "/console/policy/wave",
    ]


@pytest.mark.parametrize(("screen", "locale"), [(Screen.DESKTOP, "en-US"), (Screen.PHONE, "ko-KR")])
def test_the_pages_have_no_barriers_and_fit_the_screen(chromium, town, paths, screen, locale):
    with chromium.visit(screen, locale) as page:
        look_at(page, town, "boss@hangang", locale, paths)


@pytest.mark.parametrize("screen", [Screen.DESKTOP, Screen.PHONE])
def test_waves_are_begun_and_taken_back_by_the_keyboard(chromium, town, paths, screen):
    number = town.keep_draft(f"{TEXT}# newer\n")
    with town.served() as base, chromium.visit(screen, "en-US") as page:
        page.goto(f"{base}/sign-in")
        page.locator("button[name=language][value=en]").click()
        sign_in(page, base, town, "boss@hangang")
        page.goto(f"{base}/console/policy/changes/{number}")

        page.locator("summary", has_text="Publish in waves").press("Enter")
        page.locator("#pause").press("Enter")
        page.wait_for_url("**/console/policy/wave")
        assert find_barriers(page) == []
        assert not too_wide(page)

        page.locator("summary", has_text="Take the change back").press("Enter")
        page.get_by_role("button", name="Yes, do it").press("Enter")
        page.wait_for_url("**/console/policy")
        assert town.gate().policy.waves.current() is None


@pytest.mark.parametrize(("screen", "locale"), [(Screen.DESKTOP, "en-US"), (Screen.PHONE, "ko-KR")])
def test_the_history_of_a_part_has_no_barriers_and_fits_the_screen(chromium, town, paths, screen, locale):
    town.publish_over(TEXT.replace("10.98.0.0/24", "10.98.0.0/25"))
    with town.served() as base, chromium.visit(screen, locale) as page:
        page.goto(f"{base}/sign-in")
        page.locator(f"button[name=language][value={locale[:2]}]").click()
        sign_in(page, base, town, "anna.schmidt@namsan")
        for path in ("", "/2"):
            page.goto(f"{base}/console/policy/history{path}")
            assert find_barriers(page) == []
            assert not too_wide(page)

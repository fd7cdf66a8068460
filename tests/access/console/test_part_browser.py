"""The pages of a company's own part of the policy, in a real browser at both sizes and in both languages."""

from collections.abc import Iterator

import pytest

from access.changes.publishing import Draft
from tests.access.console.test_browser import look_at
from tests.access.console.test_part_drafts import BOTH, WORKS
from tests.peers.chromium import Chromium, Screen

pytestmark = pytest.mark.peer("chromium")
CHANGES = "/console/policy/changes"
SHARED = WORKS.replace(
    "{id: lab, permit: [network:namsan-lab], who: [group:namsan/staff]",
    f"{{id: lab, permit: [network:namsan-lab], {BOTH}",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with Chromium() as started:
        yield started


@pytest.fixture
def paths(town) -> list[str]:
    """A draft that may be published, one that waits, one with a mistake, and one that was overtaken."""
    for name in ("anna.schmidt", "rival"):
        town.put_into(name, "staff", "namsan")
    town.put_into("rival", "it-admins", "namsan")
    town.publish(SHARED)
    desk, anna = town.gate().policy, town.user("anna.schmidt")
    first = desk.parts.current("namsan")
    own = first.shown()

    def keep(text: str, note: str, base: str) -> str:
        made = Draft(text, "anna.schmidt@namsan", base, note, anna.id, organization="namsan")
        return f"{CHANGES}/{desk.changes.save(None, made).id}"

    late = keep(own.replace("10.98.0.0/24", "10.98.0.0/26"), "실험실을 더 좁게", first.revision)
    town.publish_over(SHARED.replace("id: namsan-vpn", "id: namsan-staff-vpn"))
    part = desk.parts.current("namsan")
    own, base = part.shown(), part.revision
    fine = keep(own.replace("tests:", "tests:") + "# a word\n", "", base)
    wrong = keep(own.replace("10.98.0.0/24", "10.99.0.0/25"), "a mistake", base)
    waits = keep(own.replace(", group:hangang/vpn-users", ""), "우리 실험실은 우리만", base)
    desk.changes.submit(int(waits.rpartition("/")[2]), anna)
    lab = keep(own.replace("who: [group:namsan/staff]\n", "who: [group:namsan/it-admins]\n"), "", base)
    return [
        "/console/policy",
        "/console/policy/edit",
        f"/console/policy/edit?draft={late.rpartition('/')[2]}",
        CHANGES,
        *(late, fine, wrong, waits, lab),
        "/console/policy/history",
        "/console/policy/history/2",
        "/console/policy/wave",
    ]


@pytest.mark.parametrize(("screen", "locale"), [(Screen.DESKTOP, "en-US"), (Screen.PHONE, "ko-KR")])
def test_the_pages_of_a_part_have_no_barriers_and_fit_the_screen(chromium, town, paths, screen, locale):
    with chromium.visit(screen, locale) as page:
        look_at(page, town, "anna.schmidt@namsan", locale, paths)

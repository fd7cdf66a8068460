"""Explanations in a real browser at both sizes: of one's own, and on the console of each company."""

from collections.abc import Iterator

import pytest

from tests.access.console.test_browser import look_at
from tests.access.console.test_why_refused import CODE, WRONG, refused
from tests.peers.chromium import Chromium, Screen

pytestmark = pytest.mark.peer("chromium")
__all__ = ["refused"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with Chromium() as started:
        yield started


def explained(town, name: str, more: str) -> str:
    return f"/console/users/{town.ids[name]}/explain?{more}"


@pytest.mark.parametrize(("screen", "locale"), [(Screen.DESKTOP, "ko-KR"), (Screen.PHONE, "en-US")])
@pytest.mark.parametrize("who", ["minjun.kim@hangang", "desk@hangang", "anna.schmidt@namsan"])
def test_explanations_have_no_barriers_and_fit_the_screen(chromium, town, refused, who, screen, locale):
    refused("rival" if who.endswith("namsan") else "minjun.kim", **WRONG)
    paths = {
        "minjun.kim@hangang": ["/", "/reach", f"/case?code={CODE}"],
        "desk@hangang": [
            f"/console/cases?code={CODE}",
            explained(town, "minjun.kim", "via=wireless&risk=high"),
            explained(town, "minjun.kim", "via=vpn&object=network:payroll&code=fresh"),
        ],
        "anna.schmidt@namsan": [
            f"/console/cases?code={CODE}",
            explained(town, "rival", "via=wireless&nas=hangang"),
        ],
    }
    with chromium.visit(screen, locale) as page:
        look_at(page, town, who, locale, paths[who])

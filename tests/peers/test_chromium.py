"""The tests' browser shows Korean pages on both screens, and its reader of barriers finds them."""

import struct

import pytest

from tests.peers.chromium import Screen, find_barriers, take_picture

pytestmark = pytest.mark.peer("chromium")

HEAD = '<!doctype html><html lang="ko"><head><title>문</title></head>'
GOOD = HEAD + "<body><main><h1>사무실</h1></main></body></html>"
BAD = HEAD + "<body><main><h1>사무실</h1><input></main></body></html>"


@pytest.mark.parametrize("screen", Screen)
def test_a_picture_has_the_size_of_its_screen(chromium, tmp_path, screen):
    with chromium.visit(screen) as page:
        page.set_content(GOOD)

        picture = take_picture(page, tmp_path / "page.png").read_bytes()

    assert struct.unpack("!II", picture[16:24]) == screen.value


def test_a_page_knows_its_language_and_time(chromium):
    with chromium.visit(locale="en-GB") as page:
        assert page.evaluate("navigator.language") == "en-GB"
        assert page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "Asia/Seoul"


def test_an_input_without_a_label_is_a_barrier_and_a_heading_is_none(chromium):
    with chromium.visit() as page:
        page.set_content(GOOD)
        assert find_barriers(page) == []

        page.set_content(BAD)
        assert any(barrier.startswith("label (critical)") for barrier in find_barriers(page))

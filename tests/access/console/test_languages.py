"""Korean and English: which one a visitor gets, and that neither has holes."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import access
from access.console.languages import CATALOGUES
from access.console.rooms import ROOMS
from tests.access.console.messages import used
from tests.access.console.town import CASE, PASSWORD

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@pytest.fixture(scope="module")
def korean():
    with (CATALOGUES / "ko.po").open("rb") as file:
        return {message.id: message.string for message in read_po(file, locale="ko") if message.id}


def test_every_message_has_its_korean(korean):
    wanted = used() | {room.title for room in ROOMS}

    assert {message for message in wanted if not korean.get(message)} == set()


def test_the_catalogue_has_nothing_that_no_page_says(korean):
    assert set(korean) - used() - {room.title for room in ROOMS} == set()


def test_placeholders_are_the_same_in_both(korean):
    for english, translated in korean.items():
        assert sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(translated)), english


def test_pages_for_employees_never_say_token(korean):
    assert not [text for text in korean.values() if "토큰" in text or "시드" in text]


HOME = Path(access.__file__).parents[1]
WRITTEN = {".py", ".po", ".html", ".js", ".md", ".yaml", ".toml"}
# Another spelling or word, and the one of the house.
OTHERS = {"인증번호": "인증 번호", "사이트": "장소"}


def test_a_thing_has_one_korean_word_wherever_people_read_of_it():
    texts = [
        (path, path.read_text("utf-8"))
        for folder in ("access", "docs", "deploy")
        for path in sorted((HOME / folder).rglob("*"))
        if path.suffix in WRITTEN and path.name != "development.md"
    ]

    assert all(sum(word in text for _, text in texts) > 3 for word in OTHERS.values())
    assert [(path.name, word) for path, text in texts for word in OTHERS if word in text] == []


def test_pages_speak_in_one_polite_manner(korean):
    # What stands on a button is said by whoever presses it, without a full stop at its end: 휴대폰이 없어요
    polite = [text for text in korean.values() if text.endswith("요.")]

    assert len(polite) > 50
    assert [text for text in polite if not text.endswith("세요.")] == []


def test_the_directory_knows_the_language_of_a_person(visit):
    visitor = visit(language="en", chosen=False)
    visitor.get("/sign-in")
    assert '<html lang="en">' in visitor.page

    visitor.sign_in("minjun.kim@hangang")

    assert '<html lang="ko">' in visitor.page


def test_the_browser_decides_for_strangers_and_ours_where_it_asks_for_neither(visit):
    for asked, given in (("ko-KR,ko;q=0.9", "ko"), ("en-GB", "en"), ("fr", "ko")):
        visitor = visit(language=asked, chosen=False)
        visitor.get("/sign-in")
        assert f'<html lang="{given}">' in visitor.page


def test_the_switch_on_every_page_beats_both(visit):
    visitor = visit(language="ko", chosen=False)
    visitor.get("/sign-in?next=%2Freach")
    visitor.post("/language", language="en", next="/sign-in?next=%2Freach")
    assert '<html lang="en">' in visitor.page
    assert visitor.path == "/sign-in"

    visitor.post("/sign-in", name="minjun.kim@hangang", password=PASSWORD)

    assert '<html lang="en">' in visitor.page


def test_a_language_we_do_not_speak_is_not_taken(visit):
    visitor = visit(language="ko", chosen=False)
    visitor.get("/sign-in")
    visitor.post("/language", language="../../etc", next="//evil.example")

    assert visitor.client.get_cookie("language", domain="127.0.0.1") is None


EVERYWHERE = (
    "/", "/reach", "/phones", "/records", f"/case?code={CASE}", "/enrol", "/console", "/console/users?q=m",
    "/console/devices", "/console/nas", "/console/policy", "/console/audit", f"/console/cases?code={CASE}",
    "/console/policy/edit", "/console/policy/changes", "/console/policy/history", "/nowhere",
)  # fmt: skip


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_page_mixes_in_the_other_language(visit, town, language, korean):
    town.publish()
    town.equip()
    town.connect("boss")
    town.refuse("boss")
    visitor = visit("boss@hangang", language=language)
    other = {key for key in korean if len(key) > 12} if language == "ko" else set(korean.values())
    other -= {korean[key] for key in korean} if language == "ko" else set(korean)
    for path in EVERYWHERE:
        visitor.get(path)
        text = re.sub(r"<[^>]+>", "\n", visitor.page)
        assert f'<html lang="{language}">' in visitor.page
        assert not [message for message in other if f"\n{message}\n" in text], path


def test_times_are_in_the_zone_and_the_manner_of_the_reader(visit, town):
    town.equip()
    town.connect("minjun.kim")

    korean, english = visit("minjun.kim@hangang", language="ko"), visit("minjun.kim@hangang", language="en")

    assert "2027년 1월 15일 (금) 오후 4:59 KST" in korean.page
    assert "Fri 15 Jan 2027, 16:59 KST" in english.page

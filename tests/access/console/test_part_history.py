"""The history of a company's own part of the policy: all of its own, and nothing of anybody else's."""

import html
import re

import pytest

from access.store.pages import parts
from tests.access.console.test_leaks import LAB, OWN, save
from tests.access.console.town import POLICY

HISTORY = "/console/policy/history"
OTHERS = ("intranet", "payroll", "10.99.0", "staff-vpn", "vpn-users", "boss", "seoyeon", "hangang")


@pytest.fixture
def town_of_two(town, visit):
    """hangang has published twice, and namsan once between: its own rule for its lab. anna is of namsan."""
    town.publish()
    anna = visit("anna.schmidt@namsan")
    save(anna, OWN, note="our lab")
    text = town.gate().policy.published().document
    town.publish_over(text.replace("10.99.0.128/28", "10.99.0.128/27"))
    return anna


def main(page):
    """The page without its frame, which names the company of the visitor."""
    return html.unescape(page.partition("<main")[2].partition("</main>")[0])


def test_a_company_sees_the_publications_that_changed_its_part_and_no_other(town_of_two):
    anna = town_of_two

    anna.get("/console/policy")
    assert f'href="{HISTORY}"' in anna.page
    anna.get(HISTORY)

    assert re.findall(rf'href="{HISTORY}/(\d+)"', anna.page) == ["2", "1"]
    assert "our lab" in anna.page
    assert "anna.schmidt@namsan" in anna.page
    assert "another company" in anna.page
    assert not [word for word in OTHERS if word in main(anna.page)]


def test_the_difference_is_of_its_part_alone(town_of_two):
    anna = town_of_two

    assert anna.get(f"{HISTORY}/2").status_code == 200
    assert "+  - id: lab" in main(anna.page)
    assert not [word for word in OTHERS if word in main(anna.page)]
    assert anna.get(f"{HISTORY}/1").status_code == 200
    assert "namsan-lab" in anna.page
    assert not [word for word in OTHERS if word in main(anna.page)]


@pytest.mark.parametrize("number", [3, 99])
def test_what_changed_nothing_of_theirs_is_not_there_like_what_never_was(town_of_two, number):
    assert town_of_two.get(f"{HISTORY}/{number}").status_code == 404
    assert town_of_two.get(f"/console/policy/edit?earlier={number}").status_code == 404


def test_an_earlier_part_is_edited_and_published_over_what_is_in_force(town, town_of_two):
    anna = town_of_two

    anna.get("/console/policy/edit?earlier=1")
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", anna.page, re.DOTALL)
    assert "id: lab" not in text[1]
    save(anna, html.unescape(text[1]))

    document = town.gate().policy.published().document
    assert "id: lab" not in document
    assert "10.99.0.128/27" in document


def test_an_earlier_part_becomes_a_draft_that_is_published_like_any_other(town, town_of_two):
    anna = town_of_two
    before = town.gate().policy.published().document

    anna.get(HISTORY)
    assert f'action="{HISTORY}/1/back"' in anna.page
    assert f'action="{HISTORY}/2/back"' not in anna.page
    anna.post(f"{HISTORY}/1/back")
    assert "This is what it would do." in anna.page
    assert town.gate().policy.published().document == before
    anna.post(f"{anna.path}/publish", revision=re.search(r'name="revision" value="([^"]+)"', anna.page)[1])

    document = town.gate().policy.published().document
    assert "id: lab" not in document
    assert "10.99.0.128/27" in document
    assert town_of_two.post(f"{HISTORY}/3/back").status_code == 404


def test_a_note_and_an_approver_of_another_company_are_not_named(town, visit):
    town.publish()
    anna = visit("anna.schmidt@namsan")
    text = town.gate().policy.published().document
    desk, boss = town.gate().policy, town.user("boss")
    narrow = text.replace("10.98.0.0/24", "10.98.0.0/25")
    assert desk.publish(narrow, desk.published().revision, boss, "secret plan").passed

    anna.get(HISTORY)
    assert "another company" in anna.page
    assert not [word for word in (*OTHERS, "secret plan") if word in main(anna.page)]
    anna.get(f"{HISTORY}/2")
    assert "10.98.0.0/25" in anna.page
    assert not [word for word in OTHERS if word in main(anna.page)]


def test_some_are_looked_at_at_once_and_the_earlier_ones_follow(town, town_of_two, monkeypatch):
    monkeypatch.setattr(parts, "MOST_LOOKED_AT", 1)
    anna = town_of_two

    anna.get(HISTORY)
    assert "Nothing of your part was published here." in anna.page
    anna.get(re.search(rf'href="({HISTORY}\?before=\d+)"', anna.page)[1])

    assert re.findall(rf'href="{HISTORY}/(\d+)"', anna.page) == ["2"]


def test_before_anything_of_theirs_there_is_an_empty_page_in_both_languages(town, visit):
    town.publish(POLICY.replace("  namsan-lab: {organization: namsan, to: [10.98.0.0/24]}\n", ""))
    assert LAB not in POLICY

    for language, told in (("en", "Nothing of your part was published here."), ("ko", "우리 회사 부분")):
        anna = visit("anna.schmidt@namsan", language=language)
        anna.get(HISTORY)
        assert told in anna.page

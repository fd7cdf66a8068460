"""A Korean page with a document that has mistakes says every one of them, with its line, in Korean alone."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from access.changes.publishing import Draft
from access.store.policy_shelf import StoredPolicies
from access.words.text_mistakes import TextMistake
from access.words.world_mistakes import Failure
from tests.access.console.browser import Browser
from tests.access.console.test_change_pages import hidden, write
from tests.access.console.town import POLICY
from tests.access.policy.mistaken import DOCUMENTS, WORLD
from tests.access.policy.test_mistakes import english_in, findings, phrase_of

# What shows the document itself, and what nobody sees.
UNSEEN = re.compile(r"<(script|style|textarea|pre)\b.*?</\1>|<[^>]*>", re.DOTALL)
# A form of this size is taken by no page; and that a user of a test is there is found out before it runs.
NEVER_THERE = (TextMistake.TOO_LARGE, Failure.NO_USER)
TYPED = {kind: text for kind, text in DOCUMENTS.items() if kind not in NEVER_THERE}


def seen(page: str) -> str:
    """What somebody reads on a page, without the document."""
    return unescape(UNSEEN.sub("\n", page))


@pytest.fixture
def korean(town, visit: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch) -> Browser:
    """An administrator in Korean, where the directories know whom the documents speak of."""
    town.publish()
    monkeypatch.setattr(StoredPolicies, "world", lambda _self: WORLD)
    return visit("boss@hangang", language="ko")


def refuse_english(page: str, kind: object, text: str) -> None:
    """Fail unless every mistake of the kind stands on a page, and no sentence in English."""
    told = seen(page)
    assert [each for each in findings(text) if phrase_of(each).kind is kind and each.to("ko") in told], kind
    assert english_in(told, text) == [], kind


def test_the_page_for_editing_tells_every_mistake_in_korean(korean: Browser):
    korean.get("/console/policy/edit")
    for kind, text in TYPED.items():
        assert korean.post("/console/policy/edit", document=text, replaces="", check="y").status_code == 422

        refuse_english(korean.page, kind, text)


def test_the_page_of_a_draft_tells_every_mistake_in_korean(town, korean: Browser):
    changes, boss = town.gate().policy.changes, town.user("boss")
    for kind, text in TYPED.items():
        kept = changes.save(None, Draft(text, "boss@hangang", None, "", boss.id))

        korean.get(f"/console/policy/changes/{kept.id}")

        refuse_english(korean.page, kind, text)


OF_A_PART = {
    "when: {otp_age: long}": "'long'은(는) 기간이 아닙니다",
    "prefer: {vlan: [a]}": "'prefer' 섹션은 본사의 것입니다. 빼십시오.",
    "networks: [one]": "`networks:`에는 표를 씁니다.",
    "rules: {one: two}": "`rules:`에는 목록을 씁니다.",
    "rules: [{permit: [login:vpn]}]": "`rules:`의 모든 항목에는 'id'이(가) 있어야 합니다.",
    "rules: [{id: lab}, {id: lab}]": "규칙 'lab'이(가) 둘 있습니다.",
    "rules: [{id: lab, permit: [network:lab]}]": "규칙 'lab': 'network:lab'에 해당하는 대상이 없습니다",
    "rules: [{id: staff-vpn}]": "규칙 'staff-vpn': namsan만의 항목이 아니어서 여기서 바꿀 수 없습니다.",
    'tests: [{name: t, who: {user: rival@namsan}, facts: {now: "2026-11-23T09:00:00+09:00"}, '
    "deny: [login:vpn], accept: [network:namsan-lab]}]": "테스트 't': network:namsan-lab이(가) 거부됩니다",
}


@pytest.mark.parametrize("mistake", OF_A_PART)
def test_what_is_wrong_with_a_companys_part_is_told_in_korean(town, visit, mistake):
    town.publish()
    anna = visit("anna.schmidt@namsan", language="ko")
    anna.get("/console/policy/edit")
    text = part_with(mistake)

    anna.post("/console/policy/edit", document=text, replaces=hidden(anna.page, "replaces"), check="y")

    assert OF_A_PART[mistake] in seen(anna.page)
    assert english_in(seen(anna.page), text) == []


def part_with(mistake: str) -> str:
    if mistake.startswith("when"):
        return f"version: 1\nrules:\n  - {{id: lab, permit: [network:namsan-lab], {WHO}, {mistake}}}\n{LAB}"
    return f"version: 1\n{LAB if 'networks' not in mistake else ''}{mistake}\n"


LAB = "networks:\n  namsan-lab: {organization: namsan, to: [10.98.0.0/24]}\n"
WHO = "who: [organization:namsan]"


def test_what_is_beyond_somebodys_zones_is_named_in_korean(town, visit, monkeypatch: pytest.MonkeyPatch):
    town.publish()
    boss = visit("boss@hangang", language="ko")
    monkeypatch.setattr(StoredPolicies, "zones_of", lambda _self, _user: frozenset({"work"}))
    text = POLICY.replace("id: payroll-people", "id: payroll") + "prefer: {vlan: [a]}\n"

    write(boss, text, "publish")

    told = seen(boss.page)
    assert "맡은 망 구역 밖의 내용을 바꿉니다: 규칙 payroll-people, 규칙 payroll, prefer." in told
    assert english_in(told, text) == []


def test_that_another_change_is_on_its_way_is_told_in_korean(town, visit, monkeypatch: pytest.MonkeyPatch):
    town.publish()
    boss = visit("boss@hangang", language="ko")
    monkeypatch.setattr(StoredPolicies, "on_its_way", lambda _self: True)

    write(boss, POLICY + "\n", "publish")

    assert "다른 변경을 단계별로 적용하는 중입니다" in seen(boss.page)
    assert english_in(seen(boss.page), POLICY) == []


def test_what_a_preview_notes_is_told_in_korean(town, visit):
    town.equip()
    town.publish()
    boss = visit("boss@hangang", language="ko")
    text = POLICY.replace(
        "tests:",
        """\
  - {id: seoul, permit: [login:vpn], who: [group:hangang/engineering], when: {site: "서울 hangan"}}
  - {id: role, permit: [login:vpn], who: [organization:hangang], gives: {bandwidth: {up: 1M, down: 5M}}}
tests:""",
    )

    write(boss, text, "check")

    told = seen(boss.page)
    assert "규칙 seoul의 조건에 있는 장소 서울 hangan에는 NAS가 없습니다." in told
    assert "POLICY_CONFLICT" in told
    assert english_in(told, text) == []

"""Why something cannot be done as typed, on Korean pages: in Korean, wherever it was found out."""

import ast
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

import access
from tests.access.console.test_nas_pages import FORM, WRONG

RAISED = {"BadNas", "BadName", "BadEndpoint", "Refused"}
# What the forms of the console reach.
REACHED = (
    "nas/registry.py",
    "nas/nas_*.py",
    "store/nas*.py",
    "store/endpoint*.py",
    "console/admin/*.py",
)


def raised_with_one_language() -> Iterator[str]:
    for path in (path for pattern in REACHED for path in Path(access.__file__).parent.glob(pattern)):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            raising = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if raising and node.func.id in RAISED and len(node.args) != 2:
                yield f"{path.name}:{node.lineno}"


def test_whatever_a_form_is_refused_for_has_its_korean():
    assert list(raised_with_one_language()) == []


@pytest.mark.parametrize("wrong", [wrong for wrong, _ in WRONG])
def test_a_nas_that_cannot_work_is_refused_in_korean(town, visit, wrong):
    town.equip()
    boss = visit("boss@hangang", language="ko")
    boss.get("/console/nas/add")

    assert boss.post("/console/nas/add", **FORM | wrong).status_code == 422

    assert re.search("(하십시오|없습니다|아닙니다|씁니다)[.]", told(boss.page)), told(boss.page)
    assert not re.search(r"\b(is|has|the|Use|Choose|Write)\b", told(boss.page))


def test_an_endpoint_that_cannot_be_registered_is_refused_in_korean(town, visit):
    boss = visit("boss@hangang", language="ko")
    boss.get("/console/endpoints")
    typed = {"mac": "02-11-22-33-44-55", "name": "복합기", "owner": "minjun.kim", "days": "9"}
    boss.post("/console/endpoints", **typed)
    assert "임의(비공개) MAC 주소입니다" in told(boss.page)

    boss.post("/console/endpoints", **typed | {"mac": "00-11-22-33-44-55", "owner": "nobody"})

    assert "nobody(이)라는 사용자가 없습니다" in told(boss.page)


def test_what_another_company_calls_its_endpoint_is_not_told(town, visit):
    boss, anna = visit("boss@hangang"), visit("anna.schmidt@namsan")
    for visitor, name, owner in ((boss, "board room", "boss"), (anna, "mine", "rival")):
        visitor.get("/console/endpoints")
        visitor.post("/console/endpoints", mac="00-11-22-33-44-55", name=name, owner=owner, days="9")

    assert "one of another organization" in told(anna.page)
    assert "board room" not in anna.page


def told(page: str) -> str:
    return unescape(re.search(r'role="alert">(.*?)</div>', page, re.DOTALL)[1])

"""What NASes and gateways answer is told in Korean, but for what a device says itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import access
from access.words.korean_notes import in_korean
from radius.dynauth import ERROR_CAUSES
from vpn.device import DeviceError
from vpn.transport import READ_AGAIN, LocalNft

ENGLISH = re.compile(r"[a-z]{2,} [a-z]{2,}")
MADE_BY = ("nas/disconnect.py", "radius/coa.py", "radius/radsec_caller.py")
SAYING = {"Settled", "Said", "DeviceError", "DeviceUnreachable"}


def written() -> Iterator[str]:
    """What the code that asks a NAS writes down by itself, its facts as a number."""
    for name in MADE_BY:
        tree = ast.parse((Path(access.__file__).parent / name).read_text("utf-8"))
        for node in ast.walk(tree):
            notes = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("note", "words")
            if notes or (isinstance(node, ast.Call) and ast.unparse(node.func) in SAYING):
                yield from sentences(node)


def sentences(node: ast.AST) -> Iterator[str]:
    parts: set[ast.AST] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.JoinedStr):
            parts.update(inner for part in each.values for inner in ast.walk(part))
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in each.values)
        elif isinstance(each, ast.Constant) and isinstance(each.value, str) and each not in parts:
            yield each.value


def test_whatever_we_write_down_of_a_nas_has_korean():
    # What begins with another answer is that answer, which has its own Korean.
    said = {re.sub("^7,", "no answer,", each) for each in written()}

    assert len([each for each in said if " " in each]) == 9
    assert [each for each in said if ENGLISH.search(in_korean(each))] == []


@pytest.mark.parametrize("words", ERROR_CAUSES.values())
def test_every_error_cause_is_told_in_korean(words: str):
    about = f"session 7 of minjun.kim is to end: {words}"
    for note in (words, about, f"{words}, asked 3 times at port 3799"):
        assert not ENGLISH.search(in_korean(note)), in_korean(note)
        assert re.search("[가-힣]", in_korean(note))


def test_an_answer_stands_with_the_session_it_is_about():
    note = "session 7 of minjun.kim is to end: the NAS has no resources for it"

    assert in_korean(note) == "minjun.kim의 접속 7 끊기: NAS에 처리할 여력이 없음"
    assert in_korean("Error-Cause 999") == "NAS가 알린 오류 번호(Error-Cause) 999"
    assert in_korean("no answer, asked 4 times at port 3799") == "응답 없음, 3799번 포트에 4번 요청함"


def test_what_a_device_says_itself_stays_and_is_marked():
    refused = str(LocalNft("gw-seoul")._refused("Error: Could not process rule: File exists\nadd element"))

    assert in_korean(refused) == (
        "네임스페이스 gw-seoul의 nftables: nft가 거부함, 장비가 한 말: "
        "“Error: Could not process rule: File exists”; 바꾸기 전에 장비를 다시 읽음"
    )
    silent = str(DeviceError("gw-seoul", "no answer within 10 s", READ_AGAIN))
    assert in_korean(silent) == "gw-seoul: 10초 안에 응답 없음; 바꾸기 전에 장비를 다시 읽음"

"""Every code that is written down has a word on the pages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import access
from access.console.words import WORDS
from access.logins.network_session import End
from access.model import Reason
from radius.login import STEP_NAMES

WHAT = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*")
WHY = re.compile(r"[A-Z]+(_[A-Z]+)*_(ADDED|CHANGED|ENDED|ABANDONED|REMOVED)|DRIFT|UNCONFIRMED")
NO_CODES = {"loader.json", "loader.sock", "policy.rollout"}


def written_codes() -> Iterator[str]:
    """What looks like a code in the modules that make audit entries."""
    for path in Path(access.__file__).parent.rglob("*.py"):
        text = path.read_text("utf-8")
        if "AuditEntry(" in text:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def test_whatever_the_audit_says_the_pages_have_a_word_for():
    codes = {code for code in written_codes() if WHAT.fullmatch(code) or WHY.fullmatch(code)} - NO_CODES

    assert len(codes) > 15
    assert codes - set(WORDS) - set(Reason) == set()


def test_every_end_of_a_session_has_a_word():
    assert {str(end) for end in End} - set(WORDS) - set(Reason) == set()


def test_every_step_of_a_login_has_a_word():
    assert {*STEP_NAMES.values(), "EAP", "prompt", "home server", "waiting"} - set(WORDS) == set()

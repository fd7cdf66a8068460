"""Every table of kinds stands in the docs, and the numbers that people read there are those of the code."""

import re
from collections.abc import Collection

import pytest

from access.nas.registry import EapMethod
from access.post.notice_words import NoticeKind
from access.proof import enrolment, throttle, web_session
from access.proof.throttle import Scope
from access.proof.web_session import SessionState
from access.records.alarms import AlarmKind
from otp import TYPES, bypass, hotp, mailed, recovery, registration, token, totp
from otp import throttle as waits
from otp.seedfile import FORMATS
from otp.token import Token
from radius.vendor.families import FAMILIES
from tests.layering import ROOT
from vpn.drivers import DRIVERS

# Page, and what has to stand in it as `word`, or as `setting = word`.
TABLES: dict[str, tuple[str, Collection[str]]] = {
    "token kinds": ("otp.md", [kind.value for kind in TYPES]),
    "formats of seed files": ("moving-from-privacyidea.md", FORMATS),
    "formats of seed files, as a command": ("commands.md", FORMATS),
    "families of NAS": ("nas.md", FAMILIES),
    "families of NAS, as a command": ("commands.md", FAMILIES),
    "EAP methods": ("nas.md", list(EapMethod)),
    "alarms": ("operating.md", list(AlarmKind)),
    "notices": ("otp.md", list(NoticeKind)),
    "kinds of device": ("gateways.md", [kind.value for kind in DRIVERS]),
    "kinds of device, as a command": ("commands.md", [kind.value for kind in DRIVERS]),
}
NUMBERS = {
    "code of an app": (
        f"{Token.digits} digits, a new one every {Token.period_s} s, HMAC-{Token.algorithm.value}"
    ),
    "steps accepted around now": ", ".join(f"{step:+d}" if step else "0" for step in totp.WINDOW),
    "codes of a counter accepted from the next one on": f"{hotp.LOOK_AHEAD}",
    "a clock may be off, and is found again, by": f"{totp.DRIFT_LIMIT} steps",
    "a counter may be ahead, and is found again by two codes in a row, by": f"{hotp.WIDE} presses",
    "two codes in a row may be apart by": f"{token.MISSED_S / 60:.0f} min",
    "bypass code": (
        f"{bypass.CODE.digits} digits, unless told otherwise good for {bypass.HOURS:.0f} h"
        f" and {bypass.USES} uses"
    ),
    "and at the most for": f"{bypass.LONGEST_HOURS:.0f} h and {bypass.MOST_USES} uses",
    "code by e-mail": f"{mailed.CODE.digits} digits, good once for {mailed.LIFETIME_S / 60:.0f} min",
    "codes by e-mail that are sent": f"one in {mailed.GAP_S:.0f} s, {mailed.MOST_AN_HOUR} an hour",
    "wrong codes in a row without a wait": f"{waits.FREE_FAILURES}",
    "first wait, doubling": f"{waits.FIRST_WAIT_S:.0f} s",
    "longest wait": f"{waits.LONGEST_WAIT_S:.0f} s",
    "wrong codes in a row after which none counts": f"{waits.MAX_FAILURES}",
    "recovery codes": f"{recovery.COUNT} of {recovery.CODE.digits} digits",
    "registration code": (
        f"{registration.CODE.digits} digits, good for {registration.LIFETIME_S / 3600:.0f} h"
    ),
    "wrong registration codes before it is dead": f"{registration.MAX_FAILURES}",
    "a phone begun may be proven for": f"{enrolment.PENDING_S / 60:.0f} min",
    "a code allows changes of phones for": f"{web_session.FRESH_S / 60:.0f} min",
    "a browser stays signed in without a request for": f"{web_session.IDLE_S / 60:.0f} min",
    "and at most for": f"{web_session.LIFETIME_S[SessionState.SIGNED_IN] / 3600:.0f} h",
    "wrong passwords without a wait, one name from one source": f"{throttle.FREE[Scope.PAIR]}",
    "wrong passwords without a wait, one source whatever the names": f"{throttle.FREE[Scope.SOURCE]}",
    "wrong passwords without a wait, one name from sources where it never succeeded": (
        f"{throttle.FREE[Scope.NAME]}"
    ),
}


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


@pytest.mark.parametrize("table", TABLES)
def test_every_kind_of_a_table_stands_on_its_page(table):
    name, kinds = TABLES[table]
    spelled = {
        word for span in re.findall(r"`([^`\n]+)`", page(name)) for word in re.findall(r"[\w.-]+", span)
    }

    assert set(kinds) - spelled == set()
    assert kinds


def test_the_page_about_codes_has_the_numbers_of_the_code():
    section = page("otp.md").partition("\n## Numbers\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| (.+?) \| (.+?) \|$", section, re.MULTILINE))
    told = {what: much for what, much in rows.items() if not what.startswith(("what", "-"))}

    assert told == NUMBERS

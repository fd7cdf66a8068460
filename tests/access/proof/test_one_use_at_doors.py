"""One code typed at many doors at once: two RADIUS workers, and eight browsers. One gets in."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from access.console import create_app
from access.store import codes
from otp import bypass, mailed, recovery
from otp.throttle import NO_FAILURES
from tests.access.console.browser import Browser
from tests.access.console.town import Town
from tests.access.radius_office import PERSON, SECRET, opened_office, serving
from tests.access.residents import KEYRING, Dice, shown, stored_codes
from tests.peers.radclient import Server, ask

AT_ONCE = 8
PATIENCE_S = 60


@pytest.mark.peer("slapd")
@pytest.mark.peer("radclient")
def test_of_eight_logins_at_two_workers_with_one_code_one_is_accepted(address, directory):
    with tempfile.TemporaryDirectory(prefix="r-") as kept:
        office = opened_office(Path(kept), address.url, directory.slapd, directory.hangang)
        with serving(office, 0):
            first = office.auth_port
            with serving(office, 1):
                ports = [first, office.auth_port] * (AT_ONCE // 2)
                # None of the step before: it would be too old if the next step began meanwhile.
                for offset in (0, 1):
                    replies = together(ports, office.password + office.code(offset))

                    assert sorted(replies) == ["Access-Accept"] + ["Access-Reject"] * (AT_ONCE - 1)
        office.app.close()


def together(ports, typed):
    def log_in(port):
        name = ("User-Name", f"{PERSON}@hangang.example")
        reply = ask(Server(port, SECRET, source="127.0.0.2"), [name, ("User-Password", typed)])
        return reply.code if reply else "silence"

    with ThreadPoolExecutor(AT_ONCE) as nas:
        return list(nas.map(log_in, ports))


@pytest.fixture
def town(database, tmp_path):
    built = Town(database, tmp_path)
    built.give_phones()
    return built


def _totp(town):
    return shown(now=town.now)


def _recovery(town):
    printed, held = recovery.issue(Dice(8), stored_codes(town.database).code_key())
    with town.database.write() as conn:
        codes.replace_recovery(conn, town.ids["minjun.kim"], held, KEYRING.current, town.now)
    return printed[0]


def _bypass(town):
    key = stored_codes(town.database).code_key()
    code, made = bypass.issue(Dice(9), key, bypass.Limits(uses=1), town.now)
    with town.database.write() as conn:
        codes.replace_bypass(conn, town.ids["minjun.kim"], made, (KEYRING.current, "desk"), town.now)
    return code


def _mailed(town):
    key = stored_codes(town.database).code_key()
    code, made = mailed.issue(Dice(10), key, frozenset({"portal"}), NO_FAILURES, town.now)
    with town.database.write() as conn:
        codes.add_mailed(conn, town.ids["minjun.kim"], made, KEYRING.current, town.now)
    return code


@pytest.mark.parametrize("deal", [_totp, _recovery, _bypass, _mailed])
def test_of_eight_browsers_with_one_code_one_is_signed_in(town, deal):
    code, pages = deal(town), create_app(town.gate())
    browsers = [Browser(pages, town) for _ in range(AT_ONCE)]
    for browser in browsers:
        browser.give_password("minjun.kim@hangang")
        assert browser.path == "/sign-in/code"
    ready = Barrier(AT_ONCE)

    def type_it(browser):
        ready.wait(PATIENCE_S)
        browser.post("/sign-in/code", code=code)
        return browser.path

    with ThreadPoolExecutor(AT_ONCE) as people:
        paths = list(people.map(type_it, browsers))

    assert sorted(paths) == ["/"] + ["/sign-in/code"] * (AT_ONCE - 1)

"""What ntlm_auth is asked and answers, its helpers with a real domain and with programs that misbehave."""

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from access.directory.breaker import LIMIT
from access.directory.ntlm import answer, request
from access.directory.ntlm_helpers import MOST_HELPERS, NtlmHelpers
from access.directory.settings import DirectorySettings
from access.directory.verdict import PasswordOutcome
from radius.mschap import key_of, nt_hash, nt_response
from radius.questions import MschapExchange
from tests.peers.samba_ad import DOMAIN, SambaAd

PASSWORD = "Right-h0rse-Battery"
EXCHANGE = MschapExchange(b"kim", bytes(range(16)), bytes(range(16, 32)), bytes(24))
SETTINGS = DirectorySettings("ldap://127.0.0.1", "", "", ntlm_domain=DOMAIN)
YES = f"Authenticated: Yes\nUser-Session-Key: {'AB' * 16}\n.\n"
NO = "Authenticated: No\nAuthentication-Error: {}\n.\n.\n"
BAD = "The attempted logon is invalid. This is either due to a bad username or authentication information."


def made(name: str, password: str) -> MschapExchange:
    exchange = replace(EXCHANGE, name=name.encode())
    return replace(exchange, response=nt_response(exchange, nt_hash(password)))


def test_the_request_has_the_challenge_and_neither_password_nor_hash():
    text = (request("kim", "HANGANG", made("kim", PASSWORD)) or b"").decode()

    assert text.startswith("Username: kim\nNT-Domain: HANGANG\nLANMAN-Challenge: ")
    assert text.endswith("Request-User-Session-Key: Yes\n.\n")
    assert PASSWORD not in text and nt_hash(PASSWORD).hex() not in text


@pytest.mark.parametrize("name", ["", "kim\n.", "kim\rUsername: boss", "kim\0"])
def test_a_name_that_would_be_another_request_is_none(name):
    assert request(name, "HANGANG", EXCHANGE) is None


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (BAD, PasswordOutcome.WRONG),
        ("The specified account does not exist.", PasswordOutcome.WRONG),
        (
            "The referenced account is currently disabled and cannot be logged on to.",
            PasswordOutcome.DISABLED,
        ),
        ("The user account has been automatically locked because too many ...", PasswordOutcome.LOCKED),
        ("The user password must be changed before logging on the first time.", PasswordOutcome.MUST_CHANGE),
        ("The user account password has expired.", PasswordOutcome.EXPIRED),
        ("There are currently no logon servers available.", PasswordOutcome.UNAVAILABLE),
        ("", PasswordOutcome.UNAVAILABLE),
    ],
)
def test_a_refusal_has_the_reason_winbind_gives(said, outcome):
    assert answer(["Authenticated: No", f"Authentication-Error: {said}"]).outcome is outcome


@pytest.mark.parametrize(
    "lines", [[], ["."], ["Authenticated: Yes"], ["Authenticated: Yes", "User-Session-Key: AB"], ["nonsense"]]
)
def test_an_answer_without_a_whole_key_lets_nobody_in(lines):
    said = answer(lines)

    assert (said.outcome, said.key) == (PasswordOutcome.UNAVAILABLE, b"")


@pytest.fixture
def helpers(tmp_path: Path) -> Iterator:
    """Helpers over a program that does what a shell script says for each request that has been read."""
    opened = []

    def open_one(script: str, patience_s: float = 30.0) -> NtlmHelpers:
        path = tmp_path / "ntlm_auth"
        path.write_text(
            "#!/bin/sh\necho started >>" + str(tmp_path / "starts") + "\n"
            'while read -r line; do [ "$line" = . ] || continue\n' + script + "\ndone\n"
        )
        path.chmod(0o755)
        settings = replace(SETTINGS, ntlm_auth=str(path), receive_timeout_s=patience_s)
        opened.append(NtlmHelpers(settings, lambda: 0.0))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


def starts(tmp_path: Path) -> int:
    return len((tmp_path / "starts").read_text().split())


def test_a_helper_is_kept_and_its_answers_are_not_mixed_up(helpers, tmp_path):
    both = f"if [ -e {tmp_path}/no ]; then printf '{NO.format(BAD)}'; else printf '{YES}'; fi"
    one = helpers(both.replace("\n", "\\n"))

    assert one.check("kim", EXCHANGE).outcome is PasswordOutcome.RIGHT
    (tmp_path / "no").touch()
    assert one.check("kim", EXCHANGE).outcome is PasswordOutcome.WRONG
    (tmp_path / "no").unlink()
    assert one.check("kim", EXCHANGE).outcome is PasswordOutcome.RIGHT
    assert starts(tmp_path) == 1


def test_one_that_is_silent_is_ended_and_followed_by_another(helpers, monkeypatch):
    one, started = helpers("exec sleep 1000", patience_s=0.2), []
    start = one._start
    monkeypatch.setattr(one, "_start", lambda: started.append(start()) or started[-1])

    assert one.check("kim", EXCHANGE).outcome is PasswordOutcome.UNAVAILABLE
    assert one.check("kim", EXCHANGE).outcome is PasswordOutcome.UNAVAILABLE
    assert [process.returncode for process in started] == [-signal.SIGKILL] * 2


def test_one_that_has_ended_since_its_answer_is_closed_and_followed_by_another(helpers, tmp_path):
    one = helpers(f"printf '{YES}'; exit".replace("\n", "\\n"))
    assert one.check("kim", EXCHANGE).outcome is PasswordOutcome.RIGHT
    (ended,) = one._idle
    ended.wait()

    assert one.check("kim", EXCHANGE).outcome is PasswordOutcome.RIGHT

    assert ended.stdin.closed and ended.stdout.closed
    assert starts(tmp_path) == 2


def test_after_some_silence_nobody_is_asked_for_a_while(helpers, tmp_path):
    one = helpers("exit 1")
    for _ in range(LIMIT + 3):
        assert one.check("kim", EXCHANGE).outcome is PasswordOutcome.UNAVAILABLE

    assert starts(tmp_path) == LIMIT


def test_a_program_that_is_not_there_says_nothing_about_a_password():
    one = NtlmHelpers(replace(SETTINGS, ntlm_auth="/nowhere/ntlm_auth"), time.monotonic)

    assert one.check("kim", EXCHANGE).outcome is PasswordOutcome.UNAVAILABLE


def test_there_are_never_more_helpers_than_a_few(helpers, tmp_path):
    one = helpers("printf '" + YES.replace("\n", "\\n") + "'")
    threads = [threading.Thread(target=one.check, args=("kim", EXCHANGE)) for _ in range(4 * MOST_HELPERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 1 <= starts(tmp_path) <= MOST_HELPERS


@pytest.fixture
def joined(active_directory: SambaAd) -> Iterator[NtlmHelpers]:
    settings = replace(SETTINGS, ntlm_auth=active_directory.ntlm_auth, receive_timeout_s=30.0)
    opened = NtlmHelpers(settings, time.monotonic)
    yield opened
    opened.close()


@pytest.mark.peer("samba")
def test_active_directory_tells_whose_response_is_right_and_why_not(active_directory, joined):
    active_directory.add_user("kim", PASSWORD)
    active_directory.add_user("lee", PASSWORD)
    active_directory.disable("lee")
    active_directory.add_user("new", PASSWORD, must_change=True)
    active_directory.add_user("park", PASSWORD)
    active_directory.add_machine("pc1", PASSWORD)
    asked = {
        ("kim", "kim"): PasswordOutcome.RIGHT,
        ("pc1$", "host/pc1.hangang.test"): PasswordOutcome.RIGHT,
        ("lee", "lee"): PasswordOutcome.DISABLED,
        ("new", "new"): PasswordOutcome.MUST_CHANGE,
        ("nobody", "nobody"): PasswordOutcome.WRONG,
    }
    said = {(account, name): joined.check(account, made(name, PASSWORD)) for account, name in asked}

    assert {who: each.outcome for who, each in said.items()} == asked
    assert {each.key for each in said.values()} == {key_of(nt_hash(PASSWORD)), b""}
    assert joined.check("kim", made("kim", "wrong")).outcome is PasswordOutcome.WRONG
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert made("kim", PASSWORD).response.hex() not in listed

    active_directory.lock_after(3)
    for _ in range(4):
        joined.check("park", made("park", "wrong"))
    assert joined.check("park", made("park", PASSWORD)).outcome is PasswordOutcome.LOCKED

"""Passwords checked against a real directory, and against servers that do not answer."""

import os
import signal
import threading
import time
import unicodedata
from dataclasses import replace

import pytest

from access.directory import connection, password
from access.directory.breaker import LIMIT
from access.directory.password import PasswordChecker
from access.directory.settings import DirectorySettings, Tls
from access.directory.silences import NEVER, SharedSilence
from access.directory.verdict import PasswordOutcome
from tests.access.directory.companies import over_ldaps, over_starttls, settings_of
from tests.access.directory.silence import message_id, refuse_starttls, server_that
from tests.peers.leftovers import running
from tests.peers.people import hangang, namsan
from tests.peers.ports import free_port
from tests.peers.slapd import Options, Slapd
from tests.peers.waiting import wait_until

KIM = "uid=kim,dc=x"


@pytest.fixture
def open_checker():
    opened = []

    def open_one(settings):
        opened.append(PasswordChecker(settings, time.monotonic))
        return opened[-1]

    yield open_one
    for checker in opened:
        checker.close()


@pytest.fixture
def checker(directory, open_checker):
    return open_checker(settings_of(directory.slapd, directory.hangang))


@pytest.mark.peer("slapd")
@pytest.mark.parametrize("protect", [settings_of, over_starttls, over_ldaps])
def test_the_right_password_is_right_and_any_other_is_wrong(directory, open_checker, protect):
    checker = open_checker(protect(directory.slapd, directory.hangang))
    person = directory.hangang.people[0]
    dn = directory.hangang.person_dn(person.uid)

    assert checker.check(dn, person.password) is PasswordOutcome.RIGHT
    assert checker.check(dn, person.password + "x") is PasswordOutcome.WRONG
    assert checker.check(dn, person.password) is PasswordOutcome.RIGHT


@pytest.mark.peer("slapd")
def test_an_unknown_name_is_answered_like_a_wrong_password(directory, checker):
    dn = directory.hangang.person_dn("nobody")

    assert checker.check(dn, "anything") is PasswordOutcome.WRONG


def test_an_empty_password_is_refused_before_anything_is_sent(open_checker):
    with server_that(None) as (port, heard):
        checker = open_checker(DirectorySettings(f"ldap://127.0.0.1:{port}", "", "", tls=Tls.NONE))

        assert checker.check(KIM, "") is PasswordOutcome.EMPTY

        assert heard == []


@pytest.mark.parametrize(
    ("dn", "password"), [("", "secret"), (KIM, "a\x00b"), (KIM, "\ud800"), (KIM, "\u00ad")]
)
def test_what_cannot_be_asked_is_wrong_and_nothing_is_sent(open_checker, dn, password):
    with server_that(None) as (port, heard):
        checker = open_checker(DirectorySettings(f"ldap://127.0.0.1:{port}", "", "", tls=Tls.NONE))

        assert checker.check(dn, password) is PasswordOutcome.WRONG

        assert heard == []


@pytest.mark.peer("slapd")
def test_a_korean_password_is_right_however_it_is_composed(directory, checker):
    dn = directory.hangang.person_dn(directory.hangang.people[0].uid)
    directory.slapd.replace(dn, {"userPassword": ["비밀번호"]})

    decomposed = unicodedata.normalize("NFD", "비밀번호")

    assert checker.check(dn, "비밀번호") is PasswordOutcome.RIGHT
    assert checker.check(dn, decomposed) is PasswordOutcome.RIGHT
    assert checker.check(dn, "비밀") is PasswordOutcome.WRONG


@pytest.mark.peer("slapd")
def test_a_thousand_checks_take_one_connection(directory, checker):
    person = directory.hangang.people[0]
    dn = directory.hangang.person_dn(person.uid)

    for _ in range(100):
        checker.check(dn, person.password)

    assert len(checker._opened) == 1


@pytest.mark.peer("slapd")
@pytest.mark.parametrize("protect", [settings_of, over_starttls])
def test_a_connection_the_server_closed_is_opened_again_just_as_protected(directory, open_checker, protect):
    checker = open_checker(protect(directory.slapd, directory.hangang))
    person = directory.hangang.people[0]
    dn = directory.hangang.person_dn(person.uid)
    assert checker.check(dn, person.password) is PasswordOutcome.RIGHT

    directory.slapd.restart()

    assert checker.check(dn, person.password) is PasswordOutcome.RIGHT
    assert [kept.is_protected for kept in checker._idle] == [protect is over_starttls]


@pytest.mark.peer("slapd")
def test_a_connection_that_broke_is_never_opened_again_without_its_protection(directory, open_checker):
    checker = open_checker(over_starttls(directory.slapd, directory.hangang))
    person = directory.hangang.people[0]
    dn = directory.hangang.person_dn(person.uid)
    assert checker.check(dn, person.password) is PasswordOutcome.RIGHT
    directory.slapd.daemon.stop()
    assert checker.check(dn, person.password) is PasswordOutcome.UNAVAILABLE

    with server_that(refuse_starttls, directory.slapd.port) as (_, heard):
        assert checker.check(dn, person.password) is PasswordOutcome.UNAVAILABLE

        assert heard
        assert person.password.encode() not in b"".join(heard)


@pytest.mark.peer("slapd")
def test_a_server_that_hangs_is_not_asked_twice_in_one_check(directory, open_checker, monkeypatch):
    settings = settings_of(directory.slapd, directory.hangang)
    checker = open_checker(replace(settings, receive_timeout_s=1))
    person = directory.hangang.people[0]
    dn = directory.hangang.person_dn(person.uid)
    wait_until(lambda: checker.check(dn, person.password) is PasswordOutcome.RIGHT, "the directory to answer")
    again = []

    os.kill(directory.slapd.pid, signal.SIGSTOP)
    try:
        wait_until(lambda: running()[directory.slapd.pid][0] == "T", "every thread of slapd to stand still")
        with monkeypatch.context() as watched:
            watched.setattr(password, "connect_to_one", again.append)
            outcome = checker.check(dn, person.password)
    finally:
        os.kill(directory.slapd.pid, signal.SIGCONT)

    assert outcome is PasswordOutcome.UNAVAILABLE
    assert again == []
    wait_until(lambda: checker.check(dn, person.password) is PasswordOutcome.RIGHT, "the directory to answer")


@pytest.mark.peer("slapd")
def test_a_server_that_is_down_is_unavailable_and_back_at_once_when_it_is_back(directory, checker):
    person = directory.hangang.people[0]
    dn = directory.hangang.person_dn(person.uid)
    directory.slapd.daemon.stop()

    for _ in range(LIMIT + 1):
        assert checker.check(dn, person.password) is PasswordOutcome.UNAVAILABLE

    directory.slapd.restart()
    wait_until(lambda: checker.check(dn, person.password) is PasswordOutcome.RIGHT, "the directory to answer")


@pytest.mark.peer("slapd")
@pytest.mark.parametrize("answers", [None, b""])
def test_where_a_server_hangs_or_hangs_up_the_next_password_is_checked_by_another(
    directory, open_checker, answers
):
    person = directory.hangang.people[0]
    dn = directory.hangang.person_dn(person.uid)
    settings = settings_of(directory.slapd, directory.hangang)
    with server_that(answers) as (port, _):
        both = replace(
            settings,
            url=f"ldap://127.0.0.1:{port}",
            fallback_urls=(settings.url,),
            connect_timeout_s=1.0,
            receive_timeout_s=1.0,
        )
        checker = open_checker(both)

        assert checker.check(dn, person.password) is PasswordOutcome.UNAVAILABLE
        wait_until(
            lambda: checker.check(dn, person.password) is PasswordOutcome.RIGHT, "the other one's answer"
        )


def test_a_server_that_says_nothing_holds_nobody_up_for_long(open_checker):
    with server_that(None) as (port, heard):
        settings = DirectorySettings(
            f"ldap://127.0.0.1:{port}", "", "", tls=Tls.NONE, connect_timeout_s=0.2, receive_timeout_s=0.2
        )
        checker = open_checker(settings)

        outcomes = {checker.check(KIM, "secret") for _ in range(200)}

        assert outcomes == {PasswordOutcome.UNAVAILABLE}
        # A few in a row, and one whenever it has been spared for a while.
        assert len(heard) < 20


def test_a_certificate_that_is_not_trusted_is_unavailable_and_hears_no_password(open_checker):
    with server_that(b"\x15\x03\x01\x00\x02\x02\x28") as (port, heard):
        settings = DirectorySettings(
            f"ldaps://127.0.0.1:{port}", "", "", tls=Tls.LDAPS, receive_timeout_s=0.3
        )

        assert open_checker(settings).check(KIM, "secret") is PasswordOutcome.UNAVAILABLE

        assert b"secret" not in b"".join(heard)


def test_a_port_where_nobody_listens_is_unavailable(open_checker):
    settings = DirectorySettings(f"ldap://127.0.0.1:{free_port()}", "", "", tls=Tls.NONE)

    assert open_checker(settings).check(KIM, "secret") is PasswordOutcome.UNAVAILABLE


@pytest.mark.peer("slapd")
def test_no_two_threads_use_a_connection_at_once(directory, checker):
    people = directory.hangang.people[:8]
    wrong = []

    def check(person):
        dn = directory.hangang.person_dn(person.uid)
        for number in range(20):
            right = number % 2 == 0
            outcome = checker.check(dn, person.password if right else "wrong")
            if outcome is not (PasswordOutcome.RIGHT if right else PasswordOutcome.WRONG):
                wrong.append((person.uid, outcome))

    threads = [threading.Thread(target=check, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_an_answer_to_another_question_is_believed_by_nobody(open_checker):
    def answered(request):
        return bytes.fromhex("300c02010161070a010004000400")

    with server_that(answered) as (port, heard):
        settings = DirectorySettings(f"ldap://127.0.0.1:{port}", "", "", tls=Tls.NONE)

        assert open_checker(settings).check(KIM, "secret") is PasswordOutcome.UNAVAILABLE

        assert b"secret" in b"".join(heard)


def test_a_connection_that_a_firewall_may_have_forgotten_is_not_asked():
    def let_in(request):
        content = message_id(request) + bytes.fromhex("61070a010004000400")
        return bytes((0x30, len(content))) + content

    now = [1000.0]
    # On each connection it answers once, and then no more.
    with server_that(let_in) as (port, heard):
        settings = DirectorySettings(f"ldap://127.0.0.1:{port}", "", "", tls=Tls.NONE, receive_timeout_s=30)
        checker = PasswordChecker(settings, lambda: now[0])
        first = checker.check(KIM, "secret")
        now[0] += 3 * 86400
        second = checker.check(KIM, "secret")

        assert (first, second) == (PasswordOutcome.RIGHT, PasswordOutcome.RIGHT)
        assert len(heard) == 2
        assert len(checker._opened) == 1
        checker.close()


@pytest.mark.peer("slapd")
def test_an_account_the_directory_has_locked_lets_nobody_in(open_checker):
    company = hangang()
    with Slapd((company,), Options(password_policy=True, lockout_after=2)) as slapd:
        checker = open_checker(settings_of(slapd, company))
        person = company.people[0]
        dn = company.person_dn(person.uid)

        for _ in range(3):
            assert checker.check(dn, "wrong") in (PasswordOutcome.WRONG, PasswordOutcome.LOCKED)

        assert checker.check(dn, person.password) in (PasswordOutcome.WRONG, PasswordOutcome.LOCKED)


@pytest.mark.peer("slapd")
def test_a_password_that_must_be_changed_first_is_told_from_a_wrong_one(open_checker):
    company = hangang()
    with Slapd((company,), Options(password_policy=True)) as slapd:
        settings = settings_of(slapd, company)
        person = company.people[0]
        dn = company.person_dn(person.uid)
        slapd.replace(f"cn=default,{company.suffix}", {"pwdMustChange": ["TRUE"]})
        slapd.replace(dn, {"pwdReset": ["TRUE"]})

        assert open_checker(replace(settings)).check(dn, person.password) is PasswordOutcome.MUST_CHANGE
        assert open_checker(replace(settings)).check(dn, "wrong") is PasswordOutcome.WRONG


@pytest.mark.peer("slapd")
def test_a_password_that_is_too_old_is_told_behind_the_right_one_alone(open_checker):
    company = hangang()
    with Slapd((company,), Options(password_policy=True)) as slapd:
        checker = open_checker(settings_of(slapd, company))
        person = company.people[0]
        dn = company.person_dn(person.uid)
        slapd.replace(f"cn=default,{company.suffix}", {"pwdMaxAge": ["1"]})
        slapd.replace(dn, {"userPassword": ["another-Secret-7"]})

        wait_until(
            lambda: checker.check(dn, "another-Secret-7") is PasswordOutcome.EXPIRED, "the password to be old"
        )
        assert checker.check(dn, "wrong") is PasswordOutcome.WRONG


@pytest.mark.peer("slapd")
def test_a_locked_account_says_the_same_to_whoever_guesses(open_checker):
    company = hangang()
    with Slapd((company,), Options(password_policy=True)) as slapd:
        checker = open_checker(settings_of(slapd, company))
        person = company.people[0]
        dn = company.person_dn(person.uid)
        slapd.replace(dn, {"pwdAccountLockedTime": ["000001010000Z"]})

        assert checker.check(dn, person.password) is checker.check(dn, "wrong")


@pytest.mark.peer("slapd")
def test_passwords_go_to_the_second_server_and_back_to_the_first_when_it_answers_again(
    directory, open_checker, monkeypatch
):
    monkeypatch.setattr(connection, "SPARED_S", 0.2)
    person = directory.hangang.people[0]
    dn = directory.hangang.person_dn(person.uid)
    first = directory.slapd
    with Slapd((hangang(), namsan())) as second:
        settings = replace(settings_of(first, directory.hangang), fallback_urls=(second.uri,))
        checker = open_checker(settings)
        assert (checker.check(dn, person.password), checker.server) == (PasswordOutcome.RIGHT, first.uri)

        first.daemon.stop()

        assert (checker.check(dn, person.password), checker.server) == (PasswordOutcome.RIGHT, second.uri)
        assert checker.check(dn, "wrong") is PasswordOutcome.WRONG
        first.restart()
        wait_until(
            lambda: (
                checker.check(dn, person.password) is PasswordOutcome.RIGHT and checker.server == first.uri
            ),
            "the first one to be asked again",
        )


@pytest.mark.peer("slapd")
def test_nobody_waits_for_a_first_server_that_still_hangs(directory, open_checker, monkeypatch):
    person = directory.hangang.people[0]
    dn = directory.hangang.person_dn(person.uid)
    settings = settings_of(directory.slapd, directory.hangang)
    with server_that(None) as (port, heard):
        hanging = replace(settings, url=f"ldap://127.0.0.1:{port}", fallback_urls=(settings.url,))
        # The other one has as long for each of its answers.
        checker = open_checker(replace(hanging, receive_timeout_s=2.0))
        wait_until(
            lambda: checker.check(dn, person.password) is PasswordOutcome.RIGHT, "the other one's answer"
        )

        told = b"".join(heard).count(person.password.encode())
        connection.forgive(hanging.url)
        monkeypatch.setattr(connection, "SPARED_S", 0.0)

        outcomes = [checker.check(dn, person.password) for _ in range(5)]

        assert set(outcomes) == {PasswordOutcome.RIGHT}
        wait_until(
            lambda: not [each for each in threading.enumerate() if each.name == "directory-first"], "it"
        )
        assert b"".join(heard).count(person.password.encode()) == told


@pytest.mark.peer("slapd")
def test_a_directory_that_hangs_is_silent_until_a_thread_of_its_own_finds_it_answering(
    open_checker, monkeypatch
):
    monkeypatch.setattr(password, "SILENT_FOR_S", 3600.0)  # no time that passes says so instead
    company = hangang()
    with Slapd((company,)) as slapd:
        checker = open_checker(replace(settings_of(slapd, company), receive_timeout_s=0.5))
        dn, right = company.person_dn(company.people[0].uid), company.people[0].password
        wait_until(lambda: checker.check(dn, right) is PasswordOutcome.RIGHT, "an answer")
        assert not checker.is_silent()

        os.kill(slapd.pid, signal.SIGSTOP)
        try:
            wait_until(lambda: running()[slapd.pid][0] == "T", "every thread of slapd to stand still")
            assert checker.check(dn, right) is PasswordOutcome.UNAVAILABLE
            assert checker.is_silent()
        finally:
            os.kill(slapd.pid, signal.SIGCONT)

        wait_until(lambda: not checker.is_silent(), "the directory to be found answering", 60)
        wait_until(lambda: checker.check(dn, right) is PasswordOutcome.RIGHT, "an answer again")


def test_what_a_directory_did_not_say_long_ago_says_nothing_of_now():
    now = [1000.0]
    settings = DirectorySettings(f"ldap://127.0.0.1:{free_port()}", "", "", tls=Tls.NONE)
    checker = PasswordChecker(settings, lambda: now[0])
    checker._looked_at = now[0]  # nobody looks again meanwhile

    assert checker.check(KIM, "x") is PasswordOutcome.UNAVAILABLE
    assert checker.is_silent()
    now[0] += password.SILENT_FOR_S
    assert not checker.is_silent()


def two_workers(path, now):
    """Two processes of one machine, whose directory is not there; nobody looks again by himself."""
    settings = DirectorySettings(f"ldap://127.0.0.1:{free_port()}", "", "", tls=Tls.NONE)
    workers = [PasswordChecker(settings, lambda: now[0], SharedSilence(path / "d" / "own")) for _ in range(2)]
    for each in workers:
        each._looked_at = now[0]
    return workers


def test_what_one_worker_was_not_answered_no_other_one_waits_for(tmp_path, monkeypatch):
    monkeypatch.setattr(password, "LOOK_EVERY_S", 3600.0)
    now = [1000.0]
    first, second = two_workers(tmp_path, now)
    assert not second.is_silent()

    assert first.check(KIM, "x") is PasswordOutcome.UNAVAILABLE

    assert second.is_silent()
    now[0] += password.SILENT_FOR_S
    assert not second.is_silent()


def test_a_worker_that_was_answered_since_believes_itself_and_tells_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(password, "LOOK_EVERY_S", 3600.0)
    now = [1000.0]
    first, second = two_workers(tmp_path, now)
    first.check(KIM, "x")
    now[0] += 1

    second._noted(PasswordOutcome.WRONG)
    assert not second.is_silent()
    assert first.is_silent()

    first._noted(PasswordOutcome.RIGHT)
    assert SharedSilence(tmp_path / "d" / "own").last() == NEVER


def test_a_moment_of_before_the_machine_was_started_and_a_broken_file_say_nothing(tmp_path):
    now = [1000.0]
    _, second = two_workers(tmp_path, now)
    SharedSilence(tmp_path / "d" / "own").tell(now[0] + 1)
    assert not second.is_silent()

    (tmp_path / "d" / "own").write_bytes(b"?")

    assert not second.is_silent()
    SharedSilence(tmp_path / "d" / "own" / "no-folder").tell(1.0)

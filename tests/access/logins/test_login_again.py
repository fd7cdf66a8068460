"""A login that the world overtakes between its record and its reply."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from access.logins.network_session import State
from access.radius.journal import Journal
from tests.access.radius_office import PERSON, POLICY, PRINTER, opened_office, serving
from tests.peers.eapol_test import Laptop, log_in
from tests.peers.radclient import ask
from tests.peers.waiting import wait_until

pytestmark = [pytest.mark.peer("slapd"), pytest.mark.peer("radclient")]

FORBIDDEN = """
  - id: contained
    forbid: [login:wired]
    who: [organization:hangang, "endpoint:00-00-5e-00-53-99"]
    reason: {ko: 조사 중, en: under investigation}
"""
MAB = {
    "User-Name": PRINTER,
    "User-Password": PRINTER,
    "Service-Type": "Call-Check",
    "Calling-Station-Id": PRINTER,
}


@pytest.fixture
def office(address, directory):
    # Not tmp_path: the path of a unix socket has at most 107 octets.
    with tempfile.TemporaryDirectory(prefix="a-") as kept:
        office = opened_office(Path(kept), address.url, directory.slapd, directory.hangang)
        with serving(office):
            yield office
        office.app.close()


@pytest.fixture
def overtaken(office, monkeypatch):
    """Commit a policy right after the next login that is accepted was recorded, before it is answered."""
    append, waiting = Journal.append, []

    def recording(journal, records):
        append(journal, records)
        if waiting and any(record["kind"] == "login" for record in records):
            office.publish(waiting.pop())

    monkeypatch.setattr(Journal, "append", recording)

    @contextmanager
    def by(text):
        waiting.append(text)
        yield
        assert waiting == [], "nobody was accepted"

    return by


def endings(office):
    """What the audit says of logins."""
    office.load()
    return [
        (each.detail["what"], each.reason, each.detail.get("again"))
        for each in office.audited()
        if each.kind == "login"
    ]


def test_a_forbid_that_commits_before_the_reply_leaves_is_obeyed(office, overtaken):
    with overtaken(POLICY.rstrip() + FORBIDDEN):
        reply = ask(office.server("switch"), MAB)

    assert reply.code == "Access-Reject"
    assert endings(office) == [("login.accepted", "PERMITTED", None), ("login.refused", "FORBIDDEN", True)]
    [session] = office.sessions()
    assert (session.state, session.end_reason) == (State.ENDED, "FORBIDDEN")


@pytest.mark.peer("eapol_test")
def test_no_keys_leave_where_a_laptop_was_forbidden_meanwhile(office, overtaken):
    laptop = Laptop(
        identity=f"{PERSON}@hangang.example",
        password=office.password,
        authority=office.state_dir / "tls" / "authority.pem",
        anonymous="anonymous@hangang.example",
    )

    with overtaken(POLICY.rstrip() + FORBIDDEN):
        login = log_in(office.server("switch"), laptop)

    assert not login.success
    assert endings(office)[-1] == ("login.refused", "FORBIDDEN", True)
    assert {each.state for each in office.sessions()} == {State.ENDED}


def test_what_is_given_otherwise_meanwhile_is_given_as_it_is_now_in_one_session(office, overtaken):
    with overtaken(POLICY.replace("gives: {vlan: printers}", "gives: {vlan: guests}")):
        reply = ask(office.server("switch"), MAB)

    assert (reply.code, reply.get("Tunnel-Private-Group-Id")) == ("Access-Accept", "guests")
    office.load()
    [session] = office.sessions()
    assert (session.state, session.vlan) == (State.ADMITTED, "guests")
    assert session.class_.hex() == reply.get("Class").removeprefix("0x")


def test_what_another_rule_changes_meanwhile_stands_with_one_record(office, overtaken):
    with overtaken(POLICY.replace("session_timeout: 10h", "session_timeout: 9h")):
        reply = ask(office.server("switch"), MAB)

    assert reply.code == "Access-Accept"
    assert endings(office) == [("login.accepted", "PERMITTED", None)]
    [session] = office.sessions()
    assert session.state == State.ADMITTED


def test_a_login_that_was_taken_back_counts_for_no_limit_and_no_figure(office, overtaken):
    once = POLICY.replace("gives: {vlan: printers}", "gives: {vlan: printers, sessions: 1}")
    office.publish(once)

    with overtaken(once.rstrip() + FORBIDDEN):
        ask(office.server("switch"), MAB)

    application = office.worker._application
    wait_until(lambda: sum(application.tally.counts.values()) == 1, "the refusal in the figures")
    assert {reason for _, _, reason in application.tally.counts} == {"FORBIDDEN"}
    assert application._logins.limits.presence.others_of_organization(1, "", office.app.clock()) == 0

import errno
import json
import logging
import re
import socket
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from access.app import open_disconnects, radius_status
from access.logins.network_session import Disconnect
from access.nas.disconnect import disconnect_session
from access.nas.registry import MessageAuthenticator
from access.store import alarms, endpoints, nas
from tests.access.radius_office import (
    LAPTOP,
    PERSON,
    POLICY,
    PRINTER,
    SECRET,
    SEED,
    class_of,
    opened_office,
    serving,
)
from tests.peers.eapol_test import Laptop, log_in
from tests.peers.nas import Behaviour, Nas
from tests.peers.radclient import Kind, Server, ask
from tests.peers.waiting import wait_until
from tests.radius.office import Asker

pytestmark = [pytest.mark.peer("slapd"), pytest.mark.peer("radclient")]

CASE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")


@pytest.fixture
def office(address, directory):
    # Not tmp_path: the path of a unix socket has at most 107 octets.
    with tempfile.TemporaryDirectory(prefix="r-") as kept:
        office = opened_office(Path(kept), address.url, directory.slapd, directory.hangang)
        with serving(office):
            yield office
        office.app.close()


@pytest.fixture
def often(monkeypatch):
    """Workers that are started from now on tell what they counted every moment."""
    monkeypatch.setattr("access.radius.radius_health.DUMP_EVERY_S", 0.05)


def seen(reply):
    """What an outsider sees of a refusal, without its case code and what is computed from it."""
    attributes = {name: value for name, value in reply.attributes if name != "Message-Authenticator"}
    return CASE.sub("CASE", f"{reply.code} {attributes}")


def test_a_right_password_with_its_code_is_accepted_and_recorded(office):
    reply = office.log_in("vpn", office.password + office.code())

    assert reply.code == "Access-Accept"
    assert reply.get("Session-Timeout") == "36000"
    assert office.load() == 1
    (session,) = office.sessions()
    assert bytes(session._mapping["class"]) == class_of(reply)
    assert session.user_name == "minjun.kim@hangang.example"
    assert (session.state, session.via, session.method) == ("admitted", "vpn", "pap")
    record = office.audited()[-1]
    assert (record.kind, record.reason, record.session_id) == ("login", "PERMITTED", session.id)
    assert [step["name"] for step in record.detail["steps"]] == ["password", "code", "decision"]


def test_an_administrator_gets_into_the_device_and_no_session_comes_of_it(office):
    reply = office.log_in("switch", office.password, **{"Service-Type": "NAS-Prompt-User"})

    assert reply.code == "Access-Accept"
    assert reply.get("Service-Type") == "Administrative-User"
    assert reply.get("Tunnel-Private-Group-Id") is None
    assert reply.get("Class") is None
    office.load()
    assert office.sessions() == []
    record = office.audited()[-1]
    assert (record.kind, record.reason, record.detail["via"]) == ("login", "PERMITTED", "device")
    assert record.detail["given"] == ["Service-Type = Administrative-User"]


def test_the_same_code_again_is_refused_with_a_case_that_tells_why(office):
    spent = office.password + office.code()
    assert office.log_in("vpn", spent).code == "Access-Accept"

    refused = office.log_in("vpn", spent)

    assert refused.code == "Access-Reject"
    office.load()
    record = office.audited()[-1]
    assert record.reason == "CODE_REPLAYED"
    assert CASE.search(refused.get("Reply-Message"))[0].replace("-", "") == record.case_code


def test_a_wrong_password_and_an_unknown_user_look_alike(office):
    code = office.code()
    refusals = [
        office.log_in("vpn", f"not-the-password{code}"),
        office.log_in("vpn", f"not-the-password{code}", name="nobody.at.all"),
        office.log_in("vpn", office.password + office.wrong_code()),
    ]

    assert {reply.code for reply in refusals} == {"Access-Reject"}
    assert len({seen(reply) for reply in refusals}) == 1
    office.load()
    reasons = [record.reason for record in office.audited()[-3:]]
    assert reasons == ["WRONG_PASSWORD", "UNKNOWN_USER", "WRONG_CODE"]
    # The code was not spent by any of them.
    assert office.log_in("vpn", office.password + code).code == "Access-Accept"


def test_the_code_may_be_asked_for(office):
    asked = office.log_in("asking", office.password)
    assert asked.code == "Access-Challenge"
    state = bytes.fromhex(asked.get("State").removeprefix("0x"))

    assert office.log_in("asking", office.code(), State=state).code == "Access-Accept"
    replayed = office.log_in("asking", office.code(1), State=state)
    assert replayed.code == "Access-Reject"
    office.load()
    assert office.audited()[-1].reason == "CONVERSATION_EXPIRED"


def test_an_address_that_is_no_nas_gets_silence(office):
    stranger = Server(office.auth_port, "any secret at all", source="127.0.0.9")

    assert ask(stranger, {"User-Name": PERSON, "User-Password": "x"}, timeout_s=0.5) is None


def test_a_request_without_message_authenticator_gets_silence(office):
    attributes = {"User-Name": PERSON, "User-Password": office.password + office.code()}

    assert ask(office.server("vpn"), attributes, message_authenticator=False, timeout_s=0.5) is None


def test_an_endpoint_logs_in_by_its_mac(office):
    known = {"User-Name": PRINTER, "Service-Type": "Call-Check", "Calling-Station-Id": PRINTER}
    unknown = dict.fromkeys(("User-Name", "Calling-Station-Id"), LAPTOP) | {"Service-Type": "Call-Check"}

    accepted = ask(office.server("switch"), known | {"User-Password": PRINTER})
    refused = ask(office.server("switch"), unknown | {"User-Password": LAPTOP})

    assert (accepted.code, accepted.get("Tunnel-Private-Group-Id")) == ("Access-Accept", "printers")
    assert refused.code == "Access-Reject"
    office.load()
    (session,) = office.sessions()
    assert (session.user_id, session.method) == (None, "mab")
    assert session.endpoint_id is not None


@pytest.mark.peer("eapol_test")
def test_a_laptop_on_the_wire_gets_its_vlan_and_keys_that_match(office):
    laptop = Laptop(
        identity=f"{PERSON}@hangang.example",
        password=office.password,
        authority=office.state_dir / "tls" / "authority.pem",
        anonymous="anonymous@hangang.example",
    )

    login = log_in(office.server("switch"), laptop)

    assert login.success, login.log[-2000:]
    assert login.keys_match
    assert login.vlan == "staff"
    office.load()
    (session,) = office.sessions()
    assert (session.method, session.vlan, session.user_name) == (
        "eap-ttls-pap",
        "staff",
        "minjun.kim@hangang.example",
    )


@pytest.mark.peer("eapol_test")
def test_a_laptop_that_comes_back_soon_resumes_and_is_decided_about_anew(office):
    laptop = Laptop(
        identity=f"{PERSON}@hangang.example",
        password=office.password,
        authority=office.state_dir / "tls" / "authority.pem",
        anonymous="anonymous@hangang.example",
    )

    login = log_in(office.server("switch"), laptop, again=1)

    assert login.success, login.log[-2000:]
    assert login.keys_matched == 2
    office.load()
    first, second = [record.detail["steps"] for record in office.audited() if record.reason == "PERMITTED"]
    assert [step["name"] for step in first] == ["EAP", "password", "decision"]
    assert [step["name"] for step in second] == ["EAP", "resumption", "decision"]
    assert len(office.sessions()) == 2


@pytest.mark.peer("eapol_test")
def test_a_laptop_that_does_not_trust_us_is_told_apart(office, directory):
    laptop = Laptop(PERSON, office.password, directory.slapd.certificates.authority)

    assert not log_in(office.server("switch"), laptop).success

    def told():
        office.load()
        return "CERTIFICATE_NOT_TRUSTED_BY_ENDPOINT" in [record.reason for record in office.audited()]

    wait_until(told, "the refusal in the audit")


@pytest.mark.peer("eapol_test")
def test_a_wrong_password_inside_the_tunnel_is_recorded(office):
    laptop = Laptop(PERSON, "not the password", office.state_dir / "tls" / "authority.pem")

    assert log_in(office.server("switch"), laptop).code == "Access-Reject"
    office.load()
    record = office.audited()[-1]
    assert record.reason == "WRONG_PASSWORD"
    steps = [(step["name"], step["outcome"]) for step in record.detail["steps"]]
    assert [name for name, _ in steps] == ["EAP", "password"]
    assert steps[-1][1] == "WRONG_PASSWORD"


def test_accounting_with_our_class_makes_the_session_live_and_ends_it(office):
    granted = class_of(office.log_in("vpn", office.password + office.code()))

    reply = office.account("vpn", "Start", granted, Framed_IP_Address="10.77.0.5")
    assert reply.code == "Accounting-Response"
    office.load()
    (session,) = office.sessions()
    assert (session.state, session.address4, session.acct_session_id) == ("live", "10.77.0.5", "session-1")

    office.account("vpn", "Stop", granted, Acct_Input_Octets="17")
    office.load()
    (session,) = office.sessions()
    assert (session.state, session.end_reason, session.address4) == ("ended", "STOPPED", None)
    assert session.octets_in == 17


def test_accounting_without_our_class_is_answered_and_gains_nothing(office):
    reply = office.account("vpn", "Start", None, Framed_IP_Address="10.77.0.5")

    assert reply.code == "Accounting-Response"
    office.load()
    assert office.sessions() == []
    assert [record.reason for record in office.audited()][-1] == "SESSION_NOT_OURS"


def test_a_session_is_ended_at_the_nas(office, nas):
    granted = class_of(office.log_in("vpn", office.password + office.code()))
    office.account("vpn", "Start", granted)
    office.load()
    (session,) = office.sessions()
    office.want_disconnected(session.id, nas)

    settle(office, session.id)

    (asked,) = nas.requests
    assert asked.is_disconnect
    assert asked.valid
    assert asked.get("User-Name") == "minjun.kim@hangang.example"
    assert asked.get("Acct-Session-Id") == "session-1"
    (session,) = office.sessions()
    assert (session.state, session.disconnect, session.end_reason) == ("ended", "acked", "DISCONNECTED")


def settle(office, session_id):
    disconnects = open_disconnects(office.app, "worker")
    settled = disconnect_session(disconnects, session_id, office.app.clock)
    disconnects.close()
    return settled


def test_a_nas_that_asks_about_a_session_anew_gets_todays_decision_for_the_same_session(office):
    accepted = office.log_in("vpn", office.password + office.code())
    class_ = class_of(accepted)
    office.account("vpn", "Start", class_, Framed_IP_Address="10.77.0.5")
    office.load()
    (session,) = office.sessions()
    with Nas(secret=SECRET, address="127.0.0.2", behaviour=Behaviour.INITIATE) as nas:
        office.want_disconnected(session.id, nas, "reauthenticate")
        assert settle(office, session.id).result is Disconnect.ACKED
        (asked,) = nas.requests
    assert (asked.is_coa, asked.valid, asked.get("Service-Type")) == (True, True, "Authorize-Only")

    anew = {"User-Name": PERSON, "Service-Type": "Authorize-Only", "State": asked.get("State")}
    foreign = ask(office.server("switch"), anew)
    unsigned = ask(office.server("vpn"), anew, message_authenticator=False, timeout_s=0.5)
    reply = ask(office.server("vpn"), anew)
    again = ask(office.server("vpn"), anew)

    assert (foreign.code, unsigned, again.code) == ("Access-Reject", None, "Access-Reject")
    assert (reply.code, class_of(reply)) == ("Access-Accept", class_)
    office.load()
    (session,) = office.sessions()
    assert (session.state, session.disconnect) == ("live", "")
    assert session.disconnect_note == "the endpoint has logged in again"


def test_somebody_is_on_no_more_endpoints_at_once_than_the_policy_says(office):
    office.publish(POLICY.replace("session_timeout: 12h", "session_timeout: 12h, sessions: 1"))
    accepted = office.log_in("switch", office.password)
    assert accepted.code == office.log_in("switch", office.password).code == "Access-Accept"

    def second():
        return office.log_in("switch", office.password, **{"Calling-Station-Id": "00-00-5E-00-53-02"}).code

    assert second() == "Access-Reject"
    office.load()
    assert office.audited()[-1].reason == "TOO_MANY_SESSIONS"
    for session in office.sessions():
        office.account("switch", "Stop", bytes(session._mapping["class"]))
    office.load()
    wait_until(lambda: second() == "Access-Accept", "the ended sessions to count no more")


def test_a_change_counts_from_the_next_decision_on(office):
    attributes = {"User-Name": PRINTER, "Service-Type": "Call-Check", "Calling-Station-Id": PRINTER}
    attributes["User-Password"] = PRINTER
    assert ask(office.server("switch"), attributes).code == "Access-Accept"

    with office.app.database.write() as conn:
        printer = endpoints.endpoint_by_mac(conn, PRINTER)
        endpoints.remove(conn, printer, office.app.clock())

    assert ask(office.server("switch"), attributes).code == "Access-Reject"


def test_a_nas_is_served_as_soon_as_it_is_added_and_not_once_it_is_removed(office):
    newcomer = Server(office.auth_port, "a secret of some length", source="127.0.0.4")
    status = {"NAS-Identifier": "newcomer"}
    assert ask(newcomer, status, Kind.STATUS, timeout_s=0.3) is None

    office.add_nas("newcomer", "127.0.0.4")
    wait_until(lambda: ask(newcomer, status, Kind.STATUS, timeout_s=0.5), "an answer to the newcomer")

    office.remove_nas("newcomer")
    wait_until(lambda: not ask(newcomer, status, Kind.STATUS, timeout_s=0.5), "silence")


def test_a_database_that_is_away_stops_no_login_without_a_code(office):
    office.lose_database()

    wired = office.log_in("switch", office.password)
    coded = office.log_in("vpn", office.password + office.code())
    accounted = office.account("switch", "Start", class_of(wired))

    assert (wired.code, coded.code) == ("Access-Accept", "Access-Reject")
    assert accounted.code == "Accounting-Response"
    office.regain_database()
    assert office.load() == 3
    (session,) = office.sessions()
    assert session.state == "live"
    reasons = [record.reason for record in office.audited() if record.kind == "login"]
    assert reasons == ["PERMITTED", "CODE_UNPROVABLE"]


def test_accounting_is_answered_only_once_it_is_on_disk(office, monkeypatch):
    class_ = class_of(office.log_in("switch", office.password))
    start = {"Acct-Status-Type": "Start", "Acct-Session-Id": "s", "User-Name": PERSON, "Class": class_}
    full = threading.Event()

    def no_space(_records):
        full.set()
        raise OSError(errno.ENOSPC, "no space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(office.worker._application, "record", no_space)
        assert ask(office.server("switch", accounting=True), start, Kind.ACCT, timeout_s=0.5) is None
        assert full.wait(30)
    office.load()
    assert [session.state for session in office.sessions()] == ["admitted"]

    reply = ask(office.server("switch", accounting=True), start, Kind.ACCT)
    assert reply.code == "Accounting-Response"
    office.load()
    assert [session.state for session in office.sessions()] == ["live"]


def test_a_database_that_is_away_stops_no_printer_and_no_account_of_it(office):
    printer = {"User-Name": PRINTER, "Service-Type": "Call-Check", "Calling-Station-Id": PRINTER}
    office.lose_database()

    accepted = ask(office.server("switch"), printer | {"User-Password": PRINTER})
    told = [office.account("switch", status, class_of(accepted)) for status in ("Start", "Stop")]

    assert accepted.code == "Access-Accept"
    assert [reply.code for reply in told] == ["Accounting-Response"] * 2
    office.regain_database()
    office.load()
    (session,) = office.sessions()
    assert (session.method, session.state, session.end_reason) == ("mab", "ended", "STOPPED")


def test_what_a_worker_has_counted_can_be_read(often, office):
    office.log_in("switch", "wrong")
    ask(Server(office.auth_port, "any", source="127.0.0.9"), {"User-Name": "x"}, timeout_s=0.3)

    def counted():
        file = office.state_dir / "run" / "radius-0.json"
        told = json.loads(file.read_text()) if file.exists() else {}
        return told.get("strangers") == 1 and told["nas"]["switch"]["rejects"] == 1

    wait_until(counted, "the counters")


def test_who_is_refused_while_the_database_is_away_can_be_read(often, office, monkeypatch):
    office.lose_database()
    hour_later = office.app.clock() + 3600.0
    monkeypatch.setattr(office.worker._application, "_clock", lambda: hour_later)

    def refused():
        file = office.state_dir / "run" / "radius-0.json"
        told = json.loads(file.read_text()) if file.exists() else {}
        return told.get("memory", {}).get("refused")

    wait_until(lambda: refused() == ["staleness_privileged_s", "staleness_s"], "who is refused")


def test_the_private_key_is_nobody_elses(office):
    assert (office.state_dir / "tls" / "server.key").stat().st_mode & 0o777 == 0o600


def test_what_a_worker_did_can_be_read_while_it_works(often, office):
    settings = office.app.settings
    office.log_in("vpn", office.password + office.code())
    office.log_in("vpn", "wrong-password" + "000000")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.2", 0))
        stranger.sendto(Asker(b"another secret of some length").pap("x"), ("127.0.0.1", office.auth_port))

    def told():
        (told,) = radius_status(settings).workers.values()
        return told

    def replied():
        return {code for code, _ in told()["reply_s"]} if radius_status(settings).workers else set()

    wait_until(lambda: replied() == {"ACCESS_ACCEPT", "ACCESS_REJECT"}, "both replies")
    wait_until(lambda: len(told()["logins"]) == 2, "both logins")
    traffic = radius_status(settings).traffic_of("vpn")
    assert (traffic.counts["accepts"], traffic.counts["rejects"]) == (1, 1)
    assert sorted(told()["logins"]) == [["vpn", "pap", "PERMITTED", 1], ["vpn", "pap", "WRONG_PASSWORD", 1]]
    assert told()["directories"] == {"hangang": True}
    wait_until(lambda: radius_status(settings).traffic_of("vpn").bad_last, "the bad authenticator")
    assert radius_status(settings).backlog.records == 2


@pytest.mark.peer("eapol_test")
def test_an_endpoint_that_did_8021x_and_comes_by_its_address_raises_an_alarm(office):
    authority = office.state_dir / "tls" / "authority.pem"
    laptop = Laptop(f"{PERSON}@hangang.example", office.password, authority, mac=PRINTER.replace("-", ":"))
    assert log_in(office.server("switch"), laptop, attributes={31: f"s:{PRINTER}"}).success
    office.load()

    by_mac = {"User-Name": PRINTER, "Calling-Station-Id": PRINTER, "Service-Type": "Call-Check"}
    assert ask(office.server("switch"), by_mac).code == "Access-Accept"

    office.load()
    with office.app.database.read() as conn:
        raised = alarms.listed(conn)
    assert [(alarm.kind, alarm.subject) for alarm in raised] == [("mab-after-8021x", PRINTER)]
    randomised = {**by_mac, "User-Name": "02-00-5e-00-53-99", "Calling-Station-Id": "02-00-5e-00-53-99"}
    assert ask(office.server("switch"), randomised).code == "Access-Reject"
    office.load()
    assert office.audited()[-1].reason == "RANDOMISED_ENDPOINT"


def test_a_run_leaves_no_secret_and_no_escape_behind(often, office, caplog):
    caplog.set_level(logging.DEBUG)
    code, guess, escape = office.code(), "a-guess-at-a-password", "\x1b]0;owned\x07"
    with structlog.testing.capture_logs() as lines:
        assert office.log_in("vpn", office.password + code).code == "Access-Accept"
        office.log_in("vpn", guess + "135790")
        office.log_in("vpn", office.password + "135790", name="nobody.at.all")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nas:
            nas.bind(("127.0.0.2", 0))
            nas.settimeout(30)
            nas.sendto(
                Asker(SECRET.encode()).pap(guess, name=f"kim{escape}"), ("127.0.0.1", office.auth_port)
            )
            nas.recv(4096)
        office.load()

    told = [repr(lines), caplog.text, repr(office.audited())]
    kept = [path for path in office.state_dir.rglob("*") if path.is_file() and "database" not in path.parts]
    octets = b"".join([*(path.read_bytes() for path in kept), *(text.encode() for text in told)])
    assert b"WRONG_PASSWORD" in octets
    for secret in (SECRET, office.password, guess, SEED.decode(), SEED.hex()):
        assert secret.encode() not in octets, secret
    for digits in (code, "135790"):
        # As a word: six digits in a row are in many a fraction of a second, and in hexadecimal.
        assert not re.search(rb"(?<![0-9A-Za-z.])" + digits.encode() + rb"(?![0-9A-Za-z])", octets), digits
    assert escape.encode() not in octets


def test_a_nas_on_auto_that_signed_once_must_sign_in_the_next_worker_too(office):
    with office.app.database.write() as conn:
        vpn = nas.client_by_name(conn, office.app.keyring, "vpn")
        automatic = replace(vpn, message_authenticator=MessageAuthenticator.AUTO)
        nas.change(conn, office.app.keyring, automatic, office.app.clock(), office.app.random)
    asker = Asker(SECRET.encode())

    def alarm_after_unsigned() -> bool:
        send(office, asker.pap("x", signed=False))
        office.load()
        with office.app.database.read() as conn:
            return bool(alarms.listed(conn))

    def has_signed() -> bool:
        send(office, asker.pap("x"))
        office.load()
        with office.app.database.read() as conn:
            return nas.client_by_name(conn, office.app.keyring, "vpn").signs_since is not None

    wait_until(has_signed, "the signature to be learnt")
    with serving(office, 1):
        wait_until(alarm_after_unsigned, "the alarm")


def send(office, data: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.2", 0))
        sender.sendto(data, ("127.0.0.1", office.auth_port))

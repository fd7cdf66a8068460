"""RADIUS over TLS as a NAS meets it; the NAS here is the standard library's TLS."""

import hashlib
import socket
import ssl
import threading
import time
import warnings
from datetime import timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import crypto

from radius.attributes import Attribute
from radius.authenticator import message_authenticator_holds, reply_is_hashed_with
from radius.doorways import Forwarding
from radius.duplicates import request_key
from radius.dynauth import Action, build, read_answer
from radius.effects import Role, Source
from radius.limits import RADSEC_SECRET as SECRET
from radius.packet import Code, decode
from radius.radsec import RadSecLimits
from radius.radsec_door import ask_over, is_reached
from radius.secret import shared_secret
from radius.tls_peers import TlsEnds, read_credential
from radius.worker import Worker
from tests.peers.certificates import create_authority
from tests.peers.ports import LOOPBACK
from tests.peers.waiting import wait_until
from tests.radius.office import Asker
from tests.radius.tls_office import ANSWER_S, TlsNas, tls_office

OVER_TLS = shared_secret(SECRET)


@pytest.fixture
def office(tmp_path):
    with tls_office(tmp_path) as serving:
        yield serving


@pytest.fixture
def asker():
    return Asker(SECRET)


def fingerprint(files):
    der = x509.load_pem_x509_certificate(files.certificate.read_bytes()).public_bytes(Encoding.DER)
    return hashlib.sha256(der).hexdigest()


def is_open(nas, asker):
    return nas.ask(asker.access(code=Code.STATUS_SERVER)).code is Code.ACCESS_ACCEPT


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_logins_accounting_and_status_share_one_connection(office, asker, version):
    with office.connect(highest=version) as nas:
        request = asker.pap("correct horse")
        login = nas.ask(request)
        account = nas.ask(asker.account(1))
        status = nas.ask(asker.access(code=Code.STATUS_SERVER))

    assert [each.code for each in (login, account, status)] == [
        Code.ACCESS_ACCEPT,
        Code.ACCOUNTING_RESPONSE,
        Code.ACCESS_ACCEPT,
    ]
    authenticator = decode(request).authenticator
    assert reply_is_hashed_with(login, authenticator, OVER_TLS)
    assert message_authenticator_holds(login, OVER_TLS, authenticator)
    assert office.server.counters["1"].accepts == 1


def test_a_reject_comes_over_the_connection_too(office, asker):
    with office.connect() as nas:
        assert nas.ask(asker.pap("wrong")).code is Code.ACCESS_REJECT


def test_tls_1_1_is_refused_whatever_the_certificate(office):
    office.guests.names["nas.example"] = "1"
    files = office.authority.issue("nas.example", client=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(files.certificate, files.key)

    with (
        socket.create_connection((LOOPBACK, office.port), ANSWER_S) as raw,
        pytest.raises(ssl.SSLError) as refusal,
    ):
        context.wrap_socket(raw)

    # Our alert, and not that the client would not speak it.
    assert "ALERT_PROTOCOL_VERSION" in str(refusal.value)
    wait_until(lambda: office.counters.failed_handshakes == 1, "the refusal")


def refused(office, asker, authority, files):
    """Whether a connection comes to nothing: with TLS 1.3 a client hears of it after its handshake."""
    try:
        with TlsNas(office.port, authority.path, files) as nas:
            nas.send(asker.pap("correct horse"))
            return nas.receive() is None
    except (ssl.SSLError, OSError):
        return True


@pytest.mark.parametrize("why", ["none", "unknown name", "another authority", "expired", "a server's"])
def test_a_certificate_that_is_no_nas_s_opens_nothing(office, asker, tmp_path, why):
    office.guests.names["nas.example"] = "1"
    (tmp_path / "else").mkdir()
    stranger = create_authority(tmp_path / "else")
    files = {
        "none": lambda: None,
        "unknown name": lambda: office.authority.issue("other.example", client=True),
        "another authority": lambda: stranger.issue("nas.example", client=True),
        "expired": lambda: office.authority.issue("nas.example", client=True, lifetime=-timedelta(minutes=1)),
        "a server's": lambda: office.authority.issue("nas.example"),
    }[why]()

    assert refused(office, asker, office.authority, files)
    wait_until(lambda: office.counters.failed_handshakes == 1, "the refusal")
    assert office.application.asked == []


def test_a_pinned_certificate_needs_no_authority_but_its_end_counts(office, asker, tmp_path):
    (tmp_path / "else").mkdir()
    own = create_authority(tmp_path / "else")
    pinned = own.issue("any.example", client=True)
    expired = own.issue("old.example", client=True, lifetime=-timedelta(minutes=1))
    office.guests.fingerprints = {fingerprint(pinned): "1", fingerprint(expired): "1"}

    with TlsNas(office.port, office.authority.path, pinned) as nas:
        assert is_open(nas, asker)
    assert refused(office, asker, office.authority, expired)


def test_what_is_not_tls_ends_only_itself(office, asker):
    with office.connect() as nas, socket.create_connection((LOOPBACK, office.port), ANSWER_S) as plain:
        plain.sendall(asker.pap("correct horse"))
        # Our alert, and then nothing more.
        while plain.recv(4096):
            continue

        assert is_open(nas, asker)
    assert office.counters.failed_handshakes == 1


def test_octets_one_by_one_and_two_packets_in_one_record_are_the_same_to_us(office, asker):
    with office.connect() as nas:
        for octet in asker.pap("correct horse"):
            nas.send(bytes((octet,)))
        assert decode(nas.receive()).code is Code.ACCESS_ACCEPT

        nas.send(asker.access(code=Code.STATUS_SERVER) + asker.account(1))
        assert {decode(nas.receive()).code for _ in range(2)} == {
            Code.ACCESS_ACCEPT,
            Code.ACCOUNTING_RESPONSE,
        }


BAD = {
    "a Length that no packet has": lambda asker: b"\1\1\0\0" + bytes(16),
    "a malformed attribute": lambda asker: b"\1\1\0\x17" + bytes(16) + b"\1\xff\0",
    "an unknown code": lambda asker: b"\x63\1\0\x14" + bytes(16),
    "a code that we do not answer": lambda asker: b"\2\1\0\x14" + bytes(16),
    "a wrong Message-Authenticator": lambda asker: Asker(b"another secret").pap("correct horse"),
    "wrong accounting": lambda asker: Asker(b"another secret").account(1),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_packet_closes_only_its_own_connection(office, asker, bad):
    with office.connect() as good, office.connect("second.example") as offender:
        assert is_open(offender, asker)
        offender.send(BAD[bad](asker))

        assert offender.receive() is None
        assert is_open(good, asker)


def test_a_packet_that_is_cut_off_is_answered_by_nothing(office, asker):
    with office.connect() as nas:
        nas.send(asker.pap("correct horse")[:-1])
    wait_until(lambda: office.counters.opened == 1 and office.counters.open == 0, "the end")

    assert office.application.asked == []


def test_the_same_identifier_on_two_connections_is_two_requests(office):
    with office.connect() as one, office.connect() as other:
        first, second = Asker(SECRET).pap("correct horse"), Asker(SECRET).pap("correct horse")
        assert first == second

        assert one.ask(first).code is Code.ACCESS_ACCEPT
        assert other.ask(second).code is Code.ACCESS_ACCEPT
        assert one.ask(first).code is Code.ACCESS_ACCEPT

    assert office.application.kinds.count("CheckPassword") == 2
    assert office.server.counters["1"].duplicates_answered == 1


def test_a_peer_that_does_not_read_fills_no_memory_and_holds_up_nobody(office, asker):
    request = asker.access(*(Attribute(33, bytes(250)) for _ in range(4)), code=Code.STATUS_SERVER)
    with office.connect("greedy.example", receive_octets=4096) as greedy, office.connect() as nas:
        greedy.tls.settimeout(0.2)
        # Until no more is taken from it: what it does not read it may not make us keep.
        with pytest.raises((TimeoutError, ssl.SSLError)):
            for _ in range(100_000):
                greedy.send(request)

        def is_alone() -> bool:
            """Whether nothing but what the other asks is answered."""
            answered = office.server.counters["1"].status_requests
            assert is_open(nas, asker)
            return office.server.counters["1"].status_requests == answered + 1

        # It may have been slow before it was full.
        wait_until(is_alone, "the greedy one to be read from no more")
        # It is only not read from: once it reads, it goes on.
        assert (office.counters.open, office.counters.closed_for_not_reading) == (2, 0)
        greedy.tls.settimeout(ANSWER_S)
        assert decode(greedy.receive()).code is Code.ACCESS_ACCEPT


def test_silent_stalled_and_unfinished_connections_end(tmp_path, asker):
    limits = RadSecLimits(handshake_s=0, idle_s=0)
    with tls_office(tmp_path, limits) as office:
        with socket.create_connection((LOOPBACK, office.port), ANSWER_S) as unfinished:
            assert unfinished.recv(1) == b""
        assert office.counters.failed_handshakes == 1


def test_a_connection_that_has_been_silent_too_long_ends(tmp_path):
    with tls_office(tmp_path, RadSecLimits(idle_s=0)) as office, office.connect() as nas:
        assert nas.receive() is None
        assert office.counters.closed_for_silence == 1


def test_connections_are_counted_per_nas_and_the_most_silent_makes_room(tmp_path, asker):
    limits = RadSecLimits(connections_per_nas=2)
    with tls_office(tmp_path, limits) as office, office.connect() as first, office.connect() as second:
        assert is_open(first, asker)
        assert is_open(second, asker)
        with office.connect() as third:
            assert is_open(third, asker)
            assert first.receive() is None
            assert is_open(second, asker)


def test_connections_are_counted_in_total_and_handshakes_per_address(tmp_path, asker):
    with tls_office(tmp_path, RadSecLimits(handshakes_per_address=1)) as office, office.connect() as nas:
        assert is_open(nas, asker)
        with socket.create_connection((LOOPBACK, office.port), ANSWER_S) as hanging:
            with socket.create_connection((LOOPBACK, office.port), ANSWER_S) as one_too_many:
                assert one_too_many.recv(1) == b""
            assert hanging
        assert office.counters.refused == 1
    with tls_office(tmp_path, RadSecLimits(connections=1)) as office, office.connect() as nas:
        assert is_open(nas, asker)
        with pytest.raises((ssl.SSLError, OSError)):
            office.connect()


def test_a_pin_that_is_taken_away_ends_the_live_connection(office, asker):
    with office.connect() as nas:
        assert is_open(nas, asker)
        office.guests.names.clear()

        assert nas.receive() is None
    assert office.counters.closed_for_credentials == 1


def test_a_certificate_that_has_ended_holds_no_longer(office):
    files = office.authority.issue("nas.example", client=True)
    certificate = crypto.load_certificate(crypto.FILETYPE_PEM, files.certificate.read_bytes())
    credential = read_credential(certificate, trusted=True)
    store = TlsEnds(office.files).store

    assert credential.holds(store, credential.until - timedelta(hours=1))
    assert not credential.holds(store, credential.until + timedelta(seconds=1))


def test_the_same_port_again_is_another_connection():
    one = Source(ip_address("192.0.2.7"), 1645, 0, Role.RADSEC, 1)

    assert request_key(one, 1, Code.ACCESS_REQUEST) != request_key(
        one._replace(connection=2), 1, Code.ACCESS_REQUEST
    )


def test_a_revocation_ends_the_live_connection_and_lets_nobody_in_again(office, asker):
    files = office.authority.issue("nas.example", client=True)
    office.guests.names["nas.example"] = "1"
    with TlsNas(office.port, office.authority.path, files) as nas:
        assert is_open(nas, asker)
        revoke(office.authority, files)

        assert nas.receive() is None
        assert refused(office, asker, office.authority, files)
        assert not refused(
            office, asker, office.authority, office.authority.issue("nas.example", client=True)
        )


def revoke(authority, files):
    """Write the authority's list of revoked certificates beside it, and the time of the file on."""
    revoked = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    issued = authority.certificate.not_valid_before_utc
    entry = x509.RevokedCertificateBuilder().serial_number(revoked.serial_number).revocation_date(issued)
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(issued)
        .next_update(authority.certificate.not_valid_after_utc)
        .add_revoked_certificate(entry.build())
        .sign(authority.key, hashes.SHA256())
    )
    with authority.path.open("ab") as opened:
        opened.write(crl.public_bytes(Encoding.PEM))


def test_a_new_server_certificate_is_shown_without_a_restart(office, asker):
    renewed = office.authority.issue("radius-new.example")
    with office.connect() as nas:
        before = nas.tls.getpeercert()["serialNumber"]
    office.files.certificate.with_suffix(".key").write_bytes(renewed.key.read_bytes())
    office.files.certificate.write_bytes(renewed.certificate.read_bytes())

    def is_new():
        with office.connect() as nas:
            return nas.tls.getpeercert()["serialNumber"] != before and is_open(nas, asker)

    wait_until(is_new, "the new certificate")


def test_files_that_cannot_be_used_leave_the_old_ones(office, asker, caplog):
    office.files.certificate.write_bytes(b"half a certificate")
    wait_until(lambda: "cannot be used" in caplog.text, "the complaint")

    with office.connect() as nas:
        assert is_open(nas, asker)


def test_a_nas_is_asked_to_disconnect_over_its_connection(office, asker):
    request = build(Action.DISCONNECT, 0, (Attribute(44, b"s1"),), OVER_TLS, time.time())
    with office.connect() as nas:
        assert is_open(nas, asker)
        answering = threading.Thread(target=acknowledge, args=(nas,))
        answering.start()
        exchange = ask_over([office.door], "1", request, ANSWER_S)
        answering.join()

    assert exchange is not None
    assert read_answer(exchange.answer, exchange.request, OVER_TLS, time.time()).acknowledged


def acknowledge(nas):
    """What a NAS does: take the request if it is signed, and answer under its identifier."""
    asked = decode(nas.receive())
    assert asked.code is Code.DISCONNECT_REQUEST
    assert message_authenticator_holds(asked, OVER_TLS)
    head = bytes((Code.DISCONNECT_ACK, asked.identifier, 0, 20))
    nas.send(head + OVER_TLS.md5_before(head + asked.authenticator))


def test_a_nas_without_a_connection_is_told_apart_from_one_that_says_nothing(office, asker):
    request = build(Action.DISCONNECT, 0, (Attribute(44, b"s1"),), OVER_TLS, time.time())
    assert ask_over([office.door, office.door.with_name("gone.sock")], "1", request, ANSWER_S) is None

    with office.connect() as nas:
        assert is_open(nas, asker)
        with pytest.raises(TimeoutError):
            ask_over([office.door], "1", request, 0.1)


def test_a_door_says_whether_a_nas_is_connected_behind_it(office, asker):
    gone = office.door.with_name("gone.sock")
    assert not is_reached([gone, office.door], "1", ANSWER_S)

    with office.connect() as nas:
        assert is_open(nas, asker)
        assert is_reached([gone, office.door], "1", ANSWER_S)
        assert not is_reached([gone, office.door], "2", ANSWER_S)


def test_an_answer_to_the_code_may_come_by_another_worker_s_connection(tmp_path, asker):
    paths = {number: str(tmp_path / f"worker{number}") for number in (0, 1)}
    authority = create_authority(tmp_path)
    with unix(paths[0]) as own, unix(paths[1]) as others:
        here = tls_office(
            tmp_path, worker=Worker(0, 2), forwarding=Forwarding(own, paths), authority=authority
        )
        there = tls_office(
            tmp_path, worker=Worker(1, 2), forwarding=Forwarding(others, paths), authority=authority
        )
        with here as first, there as second, first.connect() as nas:
            state = bytes((1,)) * 16
            reply = nas.ask(asker.pap("123456", Attribute(24, state)))

    # The other worker knows no such conversation, and says so over the first one's connection.
    assert reply.code is Code.ACCESS_REJECT
    assert second.application.kinds == ["Report"]
    assert first.application.asked == []


def unix(path):
    own = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    own.bind(path)
    return own

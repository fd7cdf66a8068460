"""Sessions of TLS that are resumed, both ends in memory, through the whole server."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from OpenSSL import SSL, crypto

from radius.eap import tunnel
from radius.eap.packet import EapType
from radius.eap.ttls import Ttls
from radius.eap.tunnel import Contexts
from radius.packet import Code
from radius.questions import Authorize, CheckPassword, CheckResumption, Failure, Method, Refused
from radius.worker import Worker
from tests.radius.eap.inside import CertificateSupplicant, Talker, by_chap, by_eap, by_mschapv2
from tests.radius.eap.peer import GTC, Peer
from tests.radius.eap.supplicant import Supplicant, Wireless, pap
from tests.radius.office import Asker, Office

VERSIONS = {"TLSv1.2": SSL.TLS1_2_VERSION, "TLSv1.3": SSL.TLS1_3_VERSION}
KIM = pap("kim", "correct horse")
TTLS_WAYS = {
    "PAP": lambda pki, version: Supplicant(KIM, pki.server.authority, version),
    "CHAP": lambda pki, version: Talker(by_chap(), pki.server.authority, version),
    "MSCHAPv2": lambda pki, version: Talker(by_mschapv2(), pki.server.authority, version),
    "EAP-MSCHAPv2": lambda pki, version: Talker(by_eap(Peer()), pki.server.authority, version),
    "EAP-GTC": lambda pki, version: Talker(by_eap(Peer(wants=GTC)), pki.server.authority, version),
}

each_version = pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS.keys())


def silent(pki, version):
    """A supplicant that says nothing inside: it expects to be known."""
    laptop = Supplicant(b"", pki.server.authority, version)
    laptop.speak = laptop.hear
    return laptop


def certified(pki, version):
    return CertificateSupplicant(pki.laptop, pki.server.authority, version)


def refuse(office, kind):
    plain = office.application.ask

    def ask(question):
        if not isinstance(question, kind):
            return plain(question)
        office.application.asked.append(question)
        return Refused("no", kind.__name__)

    office.application.ask = ask


def reused(supplicant):
    return SSL._lib.SSL_session_reused(supplicant.connection._ssl) == 1


@each_version
@pytest.mark.parametrize("way", TTLS_WAYS)
def test_who_was_let_in_by_ttls_comes_back_without_a_password_and_is_asked_about(
    access_point, pki, way, version
):
    first = TTLS_WAYS[way](pki, version)
    wireless = access_point(first)
    assert wireless.log_in().code is Code.ACCESS_ACCEPT
    before = len(wireless.office.application.asked)
    granted = wireless.office.application.asked[-1]

    again = silent(pki, version).resume(first)
    back = access_point(again, at=wireless)
    reply = back.log_in()

    assert reply.code is Code.ACCESS_ACCEPT
    assert back.msk() == again.msk() != first.msk()
    checked, decided = wireless.office.application.asked[before:]
    assert isinstance(checked, CheckResumption)
    assert (checked.user, checked.user_name) == ("user-kim", "kim")
    assert (decided.resumed, decided.method) == (True, granted.method)
    assert "resumed" in decided.steps[0].note
    assert len(back.replies) <= len(wireless.replies)


@each_version
def test_who_comes_back_by_certificate_shows_it_again(access_point, pki, version):
    first = certified(pki, version)
    wireless = access_point(first)
    assert wireless.log_in().code is Code.ACCESS_ACCEPT
    again = certified(pki, version)
    again.resume(first)
    back = access_point(again, at=wireless)

    assert back.log_in().code is Code.ACCESS_ACCEPT

    assert reused(again)
    assert back.msk() == again.msk() != first.msk()
    assert again.heard == (b"\0" if version == SSL.TLS1_3_VERSION else b"")
    one, whole, two, decided = wireless.office.application.asked
    assert (whole.resumed, decided.resumed) == (False, True)
    assert one.chain == two.chain
    assert len(two.chain) == 2
    assert decided.method is Method.EAP_TLS


@each_version
@pytest.mark.parametrize("kind", [CheckResumption, Authorize])
def test_what_was_proven_once_is_refused_when_it_stands_no_longer(access_point, pki, version, kind):
    first = TTLS_WAYS["PAP"](pki, version)
    wireless = access_point(first)
    wireless.log_in()
    refuse(wireless.office, kind)

    reply = access_point(silent(pki, version).resume(first), at=wireless).log_in()

    assert reply.code is Code.ACCESS_REJECT
    assert wireless.office.records[-1] == kind.__name__


@each_version
def test_a_session_resumed_twice_stays_as_good(access_point, pki, version):
    laptop = TTLS_WAYS["PAP"](pki, version)
    wireless = access_point(laptop)
    wireless.log_in()

    for _ in range(3):
        laptop = silent(pki, version).resume(laptop)
        assert access_point(laptop, at=wireless).log_in().code is Code.ACCESS_ACCEPT
        assert reused(laptop)

    assert [type(asked) for asked in wireless.office.application.asked].count(CheckPassword) == 1


@each_version
@pytest.mark.parametrize("way", ["PAP", "EAP-MSCHAPv2"])
def test_who_was_refused_has_nothing_to_resume(access_point, pki, way, version):
    first = TTLS_WAYS[way](pki, version)
    wireless = access_point(first)
    refuse(wireless.office, Authorize)
    assert wireless.log_in().code is Code.ACCESS_REJECT
    refused = wireless.office.application.ask
    wireless.office.application.ask = lambda question: (
        pytest.fail("asked about nobody's session")
        if isinstance(question, CheckResumption)
        else refused(question)
    )

    again = silent(pki, version)
    if first.connection.get_session() is not None:
        again.resume(first)
    reply = access_point(again, at=wireless).log_in(steps=20)

    assert reply.code is not Code.ACCESS_ACCEPT


@each_version
@pytest.mark.parametrize("kind", [EapType.TTLS, EapType.TLS])
def test_a_session_that_is_still_open_elsewhere_stands_for_nobody(contexts, access_point, pki, kind, version):
    make = certified if kind is EapType.TLS else silent
    first = make(pki, version)
    tunnel = contexts.tunnel(kind)
    for _ in range(3):
        first.incoming = tunnel.feed(first.advance()).output
    first.advance()
    assert first.finished

    again = make(pki, version).resume(first)
    wireless = access_point(again)
    assert wireless.log_in().code is Code.ACCESS_REJECT

    assert reused(again)
    [report] = wireless.office.application.asked
    assert (report.reason, report.detail) == (
        Failure.TLS_FAILED,
        "a session of TLS in which nobody has logged in",
    )


@each_version
def test_a_session_is_good_for_the_type_it_was_begun_with_and_no_other(access_point, pki, version):
    first = TTLS_WAYS["PAP"](pki, version)
    wireless = access_point(first)
    wireless.log_in()
    again = certified(pki, version)
    again.resume(first)
    again.show()
    wireless.office.nas = replace(wireless.office.nas, eap_methods=(EapType.TLS,))

    reply = access_point(again, at=wireless).log_in()

    assert reply.code is Code.ACCESS_ACCEPT
    assert not reused(again)
    assert wireless.office.application.kinds[-2:] == ["CheckCertificate", "Authorize"]


@each_version
def test_a_certificate_that_expired_meanwhile_is_refused_though_its_session_lives(
    contexts, access_point, pki, version, monkeypatch
):
    first = certified(pki, version)
    wireless = access_point(first)
    wireless.log_in()
    later = datetime.now(UTC) + timedelta(days=30)
    # Two clocks: ours, and that of OpenSSL.
    monkeypatch.setattr(tunnel, "wall_clock", later.timestamp)
    store = contexts.tunnel(EapType.TLS)._context.ssl.get_cert_store()
    store.set_time(later.replace(tzinfo=None))
    again = certified(pki, version)
    again.resume(first)

    assert access_point(again, at=wireless).log_in().code is Code.ACCESS_REJECT

    assert reused(again)
    report = wireless.office.application.asked[-1]
    assert report.reason is Failure.BAD_CERTIFICATE
    assert report.detail.endswith("has expired")


@each_version
def test_a_certificate_in_a_resumed_session_is_verified_once_while_its_dates_hold(
    contexts, access_point, pki, version, monkeypatch
):
    laptop = certified(pki, version)
    wireless = access_point(laptop)
    wireless.log_in()
    asked = []
    monkeypatch.setattr(crypto, "X509StoreContext", lambda *given: asked.append(given))
    again = certified(pki, version)
    again.resume(laptop)

    assert access_point(again, at=wireless).log_in().code is Code.ACCESS_ACCEPT

    assert reused(again)
    assert asked == []
    first, _, last, _ = wireless.office.application.asked
    assert last.chain == first.chain


@each_version
def test_new_certificates_end_what_could_be_resumed_and_nothing_that_is_under_way(
    contexts, access_point, pki, version
):
    first = TTLS_WAYS["PAP"](pki, version)
    wireless = access_point(first)
    wireless.log_in()
    under_way = TTLS_WAYS["PAP"](pki, version)
    slow = access_point(under_way, at=wireless)
    slow.log_in(steps=2)

    contexts.replace(pki.identity(pki.renewed))

    assert slow.go_on().code is Code.ACCESS_ACCEPT
    again = TTLS_WAYS["PAP"](pki, version).resume(first)
    assert access_point(again, at=wireless).log_in().code is Code.ACCESS_ACCEPT
    assert not reused(again)


@each_version
def test_new_authorities_of_endpoints_leave_alone_what_does_not_hang_on_them(
    contexts, access_point, pki, version
):
    first = TTLS_WAYS["PAP"](pki, version)
    wireless = access_point(first)
    wireless.log_in()

    contexts.replace(pki.identity(authorities=()))

    again = silent(pki, version).resume(first)
    assert access_point(again, at=wireless).log_in().code is Code.ACCESS_ACCEPT
    assert reused(again)


def test_authorities_that_are_taken_away_let_nobody_in_any_more(contexts, access_point, pki):
    assert access_point(certified(pki, SSL.TLS1_3_VERSION)).log_in().code is Code.ACCESS_ACCEPT

    contexts.replace(pki.identity(authorities=()))

    assert access_point(certified(pki, SSL.TLS1_3_VERSION)).log_in().code is Code.ACCESS_REJECT


def test_what_cannot_be_used_changes_nothing(contexts, access_point, pki):
    with pytest.raises((SSL.Error, ValueError)):
        contexts.replace(pki.identity(private_key=str(pki.laptop.key)))
    with pytest.raises((SSL.Error, ValueError)):
        contexts.replace(pki.identity(authorities=(b"no certificate",)))

    assert access_point(certified(pki, SSL.TLS1_3_VERSION)).log_in().code is Code.ACCESS_ACCEPT


@each_version
def test_where_nothing_may_be_resumed_everybody_logs_in_anew(contexts, access_point, pki, version):
    contexts.replace(pki.identity(resumption_s=0.0))
    first = TTLS_WAYS["PAP"](pki, version)
    wireless = access_point(first)
    wireless.log_in()
    again = TTLS_WAYS["PAP"](pki, version)
    if first.connection.get_session() is not None:
        again.resume(first)

    assert access_point(again, at=wireless).log_in().code is Code.ACCESS_ACCEPT

    assert not reused(again)


def test_either_ticket_of_tls_1_3_stands_for_what_was_proven(access_point, pki):
    first = TTLS_WAYS["PAP"](pki, SSL.TLS1_3_VERSION)
    wireless = access_point(first)
    # Only the first of the two records with a ticket reaches it; the second one is lost on the way.
    first.connection = Losing(first.connection)
    wireless.log_in()
    assert first.connection.lost
    again = silent(pki, SSL.TLS1_3_VERSION).resume(first)

    assert access_point(again, at=wireless).log_in().code is Code.ACCESS_ACCEPT

    assert reused(again)


class Losing:
    """A connection that is handed only the first record of what comes after it has finished."""

    def __init__(self, connection):
        self.connection = connection
        self.lost = b""

    def bio_write(self, records):
        end = 5 + int.from_bytes(records[3:5], "big")
        if self.connection.get_finished():
            records, self.lost = records[:end], records[end:]
        self.connection.bio_write(records)

    def __getattr__(self, name):
        return getattr(self.connection, name)


class Workers:
    """Two workers with sessions of their own; what comes goes to one or the other as it falls."""

    def __init__(self, pki):
        self.offices = []
        for index in range(2):
            contexts = Contexts(pki.identity())
            methods = {EapType.TTLS: lambda opening, own=contexts: Ttls(own.tunnel(EapType.TTLS), opening)}
            self.offices.append(Office(methods, {"eap_methods": (EapType.TTLS,)}, worker=Worker(index, 2)))
        self.turn = 0

    def receive(self, data):
        self.turn += 1
        entry = self.offices[self.turn % 2]
        replies = entry.receive(data)
        return self.offices[entry.forwards.pop().worker].receive(data) if entry.forwards else replies


@each_version
def test_an_endpoint_finds_its_session_whichever_worker_its_packets_reach(pki, version):
    workers, asker = Workers(pki), Asker()
    laptop = TTLS_WAYS["PAP"](pki, version)
    for _ in range(3):
        assert Wireless(workers, asker, laptop).log_in().code is Code.ACCESS_ACCEPT
        laptop = silent(pki, version).resume(laptop)

    asked = [question for office in workers.offices for question in office.application.asked]
    assert [type(question) for question in asked].count(CheckPassword) == 1
    assert sum(office.counters.forwarded for office in workers.offices) > 2

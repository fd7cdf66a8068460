"""Logins by certificate, decided from a worker's memory."""

from dataclasses import replace

import pytest
from cryptography import x509

from access.certificates import authority as making
from access.certificates import known as known_module
from access.certificates.external import External, Mapping, RevocationBy, Status, WhenUnknown
from access.certificates.known import Standing
from access.certificates.naming import Holder
from access.logins.certificate_login import objection
from access.model import Reason
from access.policy.kept_texts import policy_of
from radius.eap.method import Alert
from radius.questions import CertificateRight, CheckCertificate, Granted, Method, Refused
from tests.access.certificates.workshop import DAY_S, REALM, an_authority, der, wanted
from tests.access.doors import KIM, MAC, NAMSAN, NOW, PRINTER, SWITCH, VPN, Doors

POLICY = """
version: 1
rules:
  - id: staff
    permit: [login:wired]
    who: [organization:hangang]
    when: {certificate: [managed, personal]}
    gives: {vlan: staff}
  - id: printer
    permit: [login:wired]
    who: ["endpoint:%s"]
    when: {certificate: managed}
    gives: {vlan: printers}
"""
MINJUN = Holder(f"minjun.kim@{REALM}", f"minjun.kim@{REALM}")
SERIAL = 0xABC


@pytest.fixture(scope="module")
def ours():
    return an_authority(now=NOW)


@pytest.fixture(scope="module")
def theirs():
    return an_authority("corporate", now=NOW)


class Everyone:
    """Revocations that always know, or have to be asked first."""

    def __init__(self, status=Status.GOOD, at_once=True):
        self.status, self.at_once, self.asked = status, at_once, 0

    def known(self, issuer, leaf, now):
        return self.status if self.at_once else None

    def ask(self, issuer, leaf, now):
        self.asked += 1
        return self.status


class CertificateDoors(Doors):
    """A worker that trusts an authority of ours, and perhaps another."""

    def __init__(self, signer, standing=None, revocations=None):
        super().__init__()
        self.memory.policy = policy_of(POLICY % PRINTER.mac)
        known = self.memory.certificates
        known.put_authorities([signer.authority])
        self.key = f"hangang:{SERIAL:x}"
        known.put_certificate(1, (self.key, standing or Standing(KIM.id, None, NOW + DAY_S, False)))
        if revocations is not None:
            self.logins = replace(self.logins, revocations=revocations)

    def trust(self, signer, **said):
        external = External("corporate", "hangang", (signer.authority.certificate,), **said)
        self.memory.certificates.put_externals([external])

    def check(self, leaf, identity="minjun.kim", waits=False, nas=SWITCH):
        chain = (leaf if isinstance(leaf, bytes) else der(leaf),)
        question = CheckCertificate(str(nas.id), identity, chain, MAC)
        ask = self.logins.ask_world if waits else self.logins.check_certificate
        return ask(question, self.now)

    def objection(self, leaf, identity="minjun.kim", nas=SWITCH):
        question = CheckCertificate(str(nas.id), identity, (der(leaf),), "")
        return objection(self.memory, self.logins.revocations, question, self.now)

    def enter(self, right, nas=SWITCH, resumed=False):
        return self.authorize(
            nas,
            user=right.user,
            user_name=right.user_name,
            certificate=right.certificate,
            method=Method.EAP_TLS,
            resumed=resumed,
        )


def leaf_of(signer, holder=MINJUN, serial=SERIAL, **changes):
    return making.issue(signer, wanted(holder, **{"now": NOW, "until": NOW + 365 * DAY_S, **changes}), serial)


def reason_of(outcome):
    assert isinstance(outcome, Refused), outcome
    return Reason(outcome.record["entry"]["reason"])


@pytest.mark.parametrize(
    "identity",
    ["minjun.kim", "minjun.kim@hangang", f"MINJUN.KIM@{REALM}", f"anonymous@{REALM}", f"@{REALM}"],
)
def test_a_person_gets_in_with_their_certificate(ours, identity):
    doors = CertificateDoors(ours)

    right = doors.check(leaf_of(ours), identity)
    granted = doors.enter(right)

    assert isinstance(right, CertificateRight)
    assert (right.user, right.user_name) == (str(KIM.id), f"minjun.kim@{REALM}")
    assert isinstance(granted, Granted)
    assert granted.record["certificate"] == doors.key
    assert (granted.record["user"], granted.record["endpoint"]) == (KIM.id, None)


@pytest.mark.parametrize("identity", ["boss", "boss@hangang", "anonymous@namsan.example", "", "anonymous"])
def test_a_name_that_is_not_the_certificates_is_refused(ours, identity):
    doors = CertificateDoors(ours)

    refused = doors.check(leaf_of(ours), identity)

    assert reason_of(refused) is Reason.CERTIFICATE_NAME_MISMATCH
    assert "minjun.kim" in refused.record["entry"]["detail"]["said"]


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (Standing(KIM.id, None, NOW + DAY_S, True), Reason.CERTIFICATE_REVOKED),
        (Standing(KIM.id, None, NOW, False), Reason.CERTIFICATE_EXPIRED),
        (Standing(999, None, NOW + DAY_S, False), Reason.UNKNOWN_USER),
        (Standing(KIM.id, 999, NOW + DAY_S, False), Reason.UNKNOWN_ENDPOINT),
    ],
)
def test_a_certificate_of_ours_that_counts_no_longer_is_refused(ours, standing, reason):
    assert reason_of(CertificateDoors(ours, standing).check(leaf_of(ours))) is reason


def test_a_serial_number_that_we_never_gave_out_is_refused(ours):
    assert reason_of(CertificateDoors(ours).check(leaf_of(ours, serial=4))) is Reason.CERTIFICATE_UNKNOWN


def test_what_an_authority_of_the_same_name_has_signed_is_refused(ours):
    forger = an_authority(now=NOW)
    assert forger.authority.certificate.subject == ours.authority.certificate.subject

    assert reason_of(CertificateDoors(ours).check(leaf_of(forger))) is Reason.CERTIFICATE_UNKNOWN


def test_what_an_authority_nobody_trusts_has_signed_is_refused(ours, theirs):
    refused = CertificateDoors(ours).check(leaf_of(theirs))

    assert reason_of(refused) is Reason.CERTIFICATE_UNKNOWN
    assert "corporate endpoints" in refused.record["entry"]["detail"]["said"]


@pytest.mark.parametrize("after_s", [366 * DAY_S, -DAY_S])
def test_a_certificate_whose_time_it_is_not_is_refused(ours, after_s):
    doors = CertificateDoors(ours, Standing(KIM.id, None, NOW + 9999 * DAY_S, False))
    doors.now = NOW + after_s

    assert reason_of(doors.check(leaf_of(ours))) is Reason.CERTIFICATE_EXPIRED


def test_an_authority_that_is_over_takes_its_certificates_along(ours):
    short = an_authority(days=2, now=NOW)
    doors = CertificateDoors(short)
    doors.now = NOW + 3 * DAY_S

    assert reason_of(doors.check(leaf_of(short))) is Reason.CERTIFICATE_EXPIRED


@pytest.mark.parametrize("octets", [b"", b"\x30\x03\x02\x01\x01", b"nothing of the kind"])
def test_what_is_no_certificate_is_refused(ours, octets):
    assert reason_of(CertificateDoors(ours).check(octets)) is Reason.CERTIFICATE_UNKNOWN


def test_a_servers_certificate_is_no_clients(ours):
    key = ours.key
    builder = x509.CertificateBuilder(
        issuer_name=ours.authority.certificate.subject,
        subject_name=ours.authority.certificate.subject,
        public_key=key.public_key(),
        serial_number=SERIAL,
        not_valid_before=ours.authority.certificate.not_valid_before_utc,
        not_valid_after=ours.authority.certificate.not_valid_after_utc,
    ).add_extension(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), False)
    server = builder.sign(key, making.hashes.SHA256())

    assert reason_of(CertificateDoors(ours).check(server)) is Reason.CERTIFICATE_UNKNOWN


@pytest.mark.parametrize("resumed", [False, True])
def test_what_is_revoked_between_the_look_and_the_decision_is_refused(ours, resumed):
    doors = CertificateDoors(ours)
    right = doors.check(leaf_of(ours))

    doors.memory.certificates.put_certificate(1, (doors.key, Standing(KIM.id, None, NOW + DAY_S, True)))

    assert reason_of(doors.enter(right, resumed=resumed)) is Reason.CERTIFICATE_REVOKED


def test_somebody_disabled_does_not_get_in_with_a_good_certificate(ours):
    doors = CertificateDoors(ours)
    right = doors.check(leaf_of(ours))
    doors.memory.put_user(KIM.id, replace(KIM, enabled=False))

    assert reason_of(doors.enter(right)) is Reason.USER_DISABLED


@pytest.mark.parametrize("identity", [PRINTER.mac, f"host/{PRINTER.mac}", PRINTER.mac.replace("-", ":")])
def test_an_endpoint_without_a_person_gets_in_as_itself(ours, identity):
    doors = CertificateDoors(ours, Standing(None, PRINTER.id, NOW + DAY_S, False))
    machine = leaf_of(ours, Holder(endpoint=PRINTER.id, mac=PRINTER.mac))

    right = doors.check(machine, identity)
    granted = doors.enter(right)

    assert (right.user, right.user_name) == (None, PRINTER.mac)
    assert (granted.record["user"], granted.record["endpoint"]) == (None, PRINTER.id)
    assert granted.record["vlan"] == "printers"


def test_an_endpoint_whose_registration_has_ended_is_refused(ours):
    doors = CertificateDoors(ours, Standing(None, PRINTER.id, NOW + DAY_S, False))
    right = doors.check(leaf_of(ours, Holder(endpoint=PRINTER.id, mac=PRINTER.mac)), PRINTER.mac)
    doors.memory.put_endpoint(PRINTER.id, replace(PRINTER, valid_until=NOW))

    assert reason_of(doors.enter(right)) is Reason.UNKNOWN_ENDPOINT


@pytest.mark.parametrize(
    ("mapping", "holder", "user", "endpoint"),
    [
        (Mapping.UPN, MINJUN, KIM.id, None),
        (Mapping.MAIL, MINJUN, KIM.id, None),
        (Mapping.CN, MINJUN, KIM.id, None),
        (Mapping.ENDPOINT, Holder(mac=PRINTER.mac), None, PRINTER.id),
    ],
)
def test_a_corporate_certificate_is_whose_the_configured_name_says(
    ours, theirs, mapping, holder, user, endpoint
):
    doors = CertificateDoors(ours, revocations=Everyone())
    doors.trust(theirs, mapping=mapping)

    right = doors.check(leaf_of(theirs, holder), holder.common_name)
    granted = doors.enter(right)

    assert right.user == (None if user is None else str(user))
    assert (granted.record["user"], granted.record["endpoint"]) == (user, endpoint)
    assert granted.record["certificate"] == f"corporate:{SERIAL:x}"


@pytest.mark.parametrize(
    ("mapping", "holder", "reason"),
    [
        (Mapping.UPN, Holder(f"nobody@{REALM}"), Reason.UNKNOWN_USER),
        (Mapping.UPN, Holder("minjun.kim@namsan.example"), Reason.UNKNOWN_USER),
        (Mapping.ENDPOINT, Holder(mac="00-00-5e-00-53-01"), Reason.UNKNOWN_ENDPOINT),
    ],
)
def test_a_corporate_authority_speaks_for_its_organization_alone(ours, theirs, mapping, holder, reason):
    doors = CertificateDoors(ours, revocations=Everyone())
    doors.trust(theirs, mapping=mapping)

    assert reason_of(doors.check(leaf_of(theirs, holder), holder.common_name)) is reason


def test_a_corporate_authority_says_nothing_of_people_and_endpoints_of_another_company(ours, theirs):
    stranger = replace(KIM, id=8, organization="namsan", name="anna.schmidt")
    doors = CertificateDoors(ours, revocations=Everyone())
    doors.memory.put_user(stranger.id, stranger)
    doors.memory.put_endpoint(10, replace(PRINTER, id=10, organization_id=NAMSAN.id, mac="00-00-5e-00-53-77"))

    doors.trust(theirs, mapping=Mapping.UPN)
    name = f"anna.schmidt@{NAMSAN.realm}"
    of_person = doors.check(leaf_of(theirs, Holder(name)), name)
    doors.trust(theirs, mapping=Mapping.ENDPOINT)
    of_endpoint = doors.check(leaf_of(theirs, Holder(mac="00-00-5e-00-53-77")), "00-00-5e-00-53-77")

    assert reason_of(of_person) is Reason.UNKNOWN_USER
    assert reason_of(of_endpoint) is Reason.UNKNOWN_ENDPOINT


@pytest.mark.parametrize(
    ("status", "when_unknown", "reason"),
    [
        (Status.REVOKED, WhenUnknown.ALLOW, Reason.CERTIFICATE_REVOKED),
        (Status.UNKNOWN, WhenUnknown.REFUSE, Reason.REVOCATION_UNKNOWN),
        (Status.UNKNOWN, WhenUnknown.ALLOW, None),
        (Status.GOOD, WhenUnknown.REFUSE, None),
    ],
)
def test_what_others_say_of_their_certificates_counts(ours, theirs, status, when_unknown, reason):
    doors = CertificateDoors(ours, revocations=Everyone(status))
    doors.trust(theirs, when_unknown=when_unknown)

    outcome = doors.check(leaf_of(theirs))

    assert isinstance(outcome, CertificateRight) if reason is None else reason_of(outcome) is reason


def test_whoever_has_to_be_asked_is_asked_by_a_thread_that_may_wait(ours, theirs):
    others = Everyone(Status.REVOKED, at_once=False)
    doors = CertificateDoors(ours, revocations=others)
    doors.trust(theirs, revocation=RevocationBy.OCSP)

    assert doors.check(leaf_of(theirs)) is None
    assert others.asked == 0
    assert reason_of(doors.check(leaf_of(theirs), waits=True)) is Reason.CERTIFICATE_REVOKED


def test_without_the_certificate_the_rule_that_wants_one_does_not_speak(ours):
    doors = CertificateDoors(ours)

    assert reason_of(doors.authorize(SWITCH)) is Reason.CONDITION_FAILED
    assert reason_of(doors.enter(doors.check(leaf_of(ours)), VPN)) is Reason.NO_PERMIT


def test_a_certificate_taken_before_is_not_taken_once_its_authority_is_trusted_no_more():
    signer = an_authority()
    doors = CertificateDoors(signer)
    leaf = leaf_of(signer)
    assert isinstance(doors.check(leaf), CertificateRight)

    doors.memory.certificates.put_authorities([an_authority("another").authority])

    assert reason_of(doors.check(leaf)) is Reason.CERTIFICATE_UNKNOWN


def test_a_certificate_taken_before_is_not_taken_once_the_authority_of_others_that_signed_it_is_gone():
    corporate = an_authority("corporate")
    doors = CertificateDoors(an_authority())
    doors.trust(corporate, mapping=Mapping.CN, revocation=RevocationBy.NONE, when_unknown=WhenUnknown.ALLOW)
    leaf = leaf_of(corporate)
    assert reason_of(doors.check(leaf, identity="nobody")) is not Reason.CERTIFICATE_UNKNOWN

    doors.memory.certificates.put_externals([])

    assert reason_of(doors.check(leaf, identity="nobody")) is Reason.CERTIFICATE_UNKNOWN


def test_a_signature_is_verified_once_for_a_certificate(monkeypatch):
    signer = an_authority()
    known = CertificateDoors(signer).memory.certificates
    leaf, other = leaf_of(signer), leaf_of(signer, serial=SERIAL + 1)
    asked = []
    verify = known_module._signer
    monkeypatch.setattr(
        known_module, "_signer", lambda leaf, *rest: asked.append(leaf) or verify(leaf, *rest)
    )

    found = [known.issuer_of(each).name for each in (leaf, other, leaf, leaf)]

    assert found == ["hangang"] * 4
    assert asked == [leaf, other]


@pytest.mark.parametrize(
    ("standing", "alert"),
    [
        (Standing(KIM.id, None, NOW + DAY_S, True), Alert.REVOKED),
        (Standing(KIM.id, None, NOW, False), Alert.EXPIRED),
        (Standing(999, None, NOW + DAY_S, False), Alert.UNKNOWN),
        (Standing(KIM.id, 999, NOW + DAY_S, False), Alert.UNKNOWN),
        (None, None),
    ],
)
def test_what_memory_knows_against_a_certificate_is_told_in_tls(ours, standing, alert):
    assert CertificateDoors(ours, standing).objection(leaf_of(ours)) is alert


def test_a_certificate_that_was_never_issued_and_a_wrong_name_are_told_in_tls(ours):
    doors = CertificateDoors(ours)

    assert doors.objection(leaf_of(ours, serial=0xDEF)) is Alert.UNKNOWN
    assert doors.objection(leaf_of(ours), identity="boss") is Alert.UNKNOWN


@pytest.mark.parametrize("ended", [{"enabled": False}, {"expires_at": NOW}])
def test_an_owner_whose_account_is_over_is_told_in_tls(ours, ended):
    doors = CertificateDoors(ours)
    doors.memory.put_user(KIM.id, replace(KIM, **ended))

    assert doors.objection(leaf_of(ours)) is Alert.UNKNOWN


def test_nobody_is_asked_in_the_midst_of_tls_whether_a_certificate_was_revoked(ours, theirs):
    others = Everyone(Status.REVOKED, at_once=False)
    doors = CertificateDoors(ours, revocations=others)
    doors.trust(theirs, mapping=Mapping.UPN, revocation=RevocationBy.OCSP)
    unasked = doors.objection(leaf_of(theirs))
    others.at_once = True

    assert (unasked, others.asked) == (None, 0)
    assert doors.objection(leaf_of(theirs)) is Alert.REVOKED

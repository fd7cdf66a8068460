"""What a worker knows of others' certificates: lists from files and addresses, and OCSP; real servers."""

import subprocess
from dataclasses import replace

import pytest

from access.certificates import authority as making
from access.certificates import others
from access.certificates.external import External, RevocationBy, Status
from access.certificates.fetching import Patience
from access.certificates.known import Issuer
from access.certificates.others import OthersRevocations
from tests.access.certificates.answers import REVOKED, a_list, a_responder, an_answer
from tests.access.certificates.workshop import DAY_S, NOW, an_authority, key_pem, pem, wanted
from tests.access.residents import Dice
from tests.peers.available import program
from tests.peers.waiting import wait_until
from tests.peers.web import silence, web

SERIAL = 17

CALM, SOON = Patience(30.0, 65536), Patience(0.2, 65536)


class Scene:
    """An authority of others, one of its certificates, and a worker that asks about it."""

    def __init__(self, directory, patience=CALM, **said):
        self.patience = patience
        self.signer = an_authority("corporate")
        self.leaf = making.issue(self.signer, wanted(), SERIAL)
        self.now = NOW
        certificate = self.signer.authority.certificate
        self.external = External("corporate", "hangang", (certificate,), **said)
        self.issuer = Issuer("corporate", certificate, self.external)
        self.directory = directory
        self.others = self.worker()

    def worker(self):
        made = OthersRevocations(self.directory / "crl", Dice(), lambda: self.now, self.patience)
        made.put([self.external])
        return made

    @property
    def known(self):
        return self.others.known(self.issuer, self.leaf, self.now)

    def ask(self):
        return self.others.ask(self.issuer, self.leaf, self.now)

    def answer(self, _=b"", by=None, **said):
        issuer = self.signer.authority.certificate
        return an_answer(self.leaf, issuer, by or (issuer, self.signer.key), **said)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "list.crl"


@pytest.fixture
def scene(tmp_path, file):
    return Scene(tmp_path, crl=str(file))


def write(path, octets):
    draft = path.with_suffix(".draft")
    draft.write_bytes(octets)
    draft.replace(path)


def test_without_a_list_nobody_knows(scene):
    scene.others.look()

    assert scene.known is Status.UNKNOWN


def test_a_new_list_in_the_file_counts_with_the_next_look(scene, file):
    write(file, a_list(scene.signer))
    scene.others.look()
    assert scene.known is Status.GOOD

    write(file, a_list(scene.signer, SERIAL))
    scene.others.look()
    assert scene.known is Status.REVOKED


@pytest.mark.parametrize("forged", [lambda: a_list(an_authority("corporate")), lambda: b"<html>"])
def test_a_file_that_proves_nothing_leaves_the_list_before(scene, file, forged):
    write(file, a_list(scene.signer, SERIAL))
    scene.others.look()

    write(file, forged())
    scene.others.look()

    assert scene.known is Status.REVOKED
    scene.now += DAY_S
    assert scene.known is Status.UNKNOWN


def test_a_thread_looks_by_itself(scene, file):
    scene.others.start()
    try:
        write(file, a_list(scene.signer))
        wait_until(lambda: scene.known is Status.GOOD, "the list to be read")
    finally:
        scene.others.stop()


def test_an_authority_that_revokes_nothing_is_not_asked(tmp_path):
    assert Scene(tmp_path, revocation=RevocationBy.NONE).known is Status.GOOD


def test_a_list_from_an_address_is_fetched_once_for_all_workers(tmp_path):
    with web(lambda _: b"") as site:
        scene = Scene(tmp_path, crl=f"{site.url}/corporate.crl")
        site.answer = lambda _: a_list(scene.signer, SERIAL)

        scene.others.look()
        second = scene.worker()
        second.read()

        assert scene.known is Status.REVOKED
        assert second.known(scene.issuer, scene.leaf, NOW) is Status.REVOKED
        scene.others.look()
        assert len(site.asked) == 1


def test_an_address_that_gives_somebody_elses_list_gives_none(tmp_path):
    with web(lambda _: a_list(an_authority("corporate"), SERIAL)) as site:
        scene = Scene(tmp_path, crl=f"{site.url}/corporate.crl")

        scene.others.look()

        assert scene.known is Status.UNKNOWN
        assert list((tmp_path / "crl").glob("*.crl")) == []


def test_what_was_fetched_counts_on_while_the_address_is_away(tmp_path):
    with web(lambda _: b"") as site:
        scene = Scene(tmp_path, crl=f"{site.url}/corporate.crl")
        site.answer = lambda _: a_list(scene.signer, SERIAL)
        scene.others.look()

    again = scene.worker()
    again.look()

    assert again.known(scene.issuer, scene.leaf, NOW) is Status.REVOKED


def test_an_answer_is_asked_for_once_and_kept_until_the_next_one(tmp_path):
    with web(lambda _: b"") as site:
        scene = Scene(tmp_path, revocation=RevocationBy.OCSP, ocsp=site.url)
        site.answer = lambda body: scene.answer(body, status=REVOKED)
        assert scene.known is None

        assert scene.ask() is Status.REVOKED
        assert scene.known is Status.REVOKED
        scene.now += 3600

        assert scene.known is None
        assert len(site.asked) == 1


@pytest.mark.parametrize("by", [lambda scene: a_responder(scene.signer, named=False), None])
def test_a_responder_whose_answers_prove_nothing_is_not_believed(tmp_path, by):
    with web(lambda _: b"rubbish") as site:
        scene = Scene(tmp_path, revocation=RevocationBy.OCSP, ocsp=site.url)
        if by is not None:
            site.answer = lambda body: scene.answer(body, by=by(scene))

        assert scene.ask() is Status.UNKNOWN
        assert scene.known is None


def test_a_responder_that_hangs_is_left_and_for_a_while_not_asked_again(tmp_path, monkeypatch):
    monkeypatch.setattr(others, "SILENT_S", 3600.0)
    with silence() as url:
        scene = Scene(tmp_path, SOON, revocation=RevocationBy.OCSP, ocsp=url)
        assert scene.ask() is Status.UNKNOWN

    with web(scene.answer) as site:
        scene.issuer = replace(scene.issuer, external=replace(scene.external, ocsp=site.url))

        assert scene.ask() is Status.UNKNOWN
        assert site.asked == []


@pytest.mark.peer("openssl")
@pytest.mark.parametrize(("state", "status"), [("V", Status.GOOD), ("R", Status.REVOKED)])
def test_the_responder_of_openssl_is_understood(tmp_path, state, status):
    def answer(body: bytes) -> bytes:
        (tmp_path / "request.der").write_bytes(body)
        command = [
            program("openssl"),
            "ocsp",
            "-index",
            "index.txt",
            "-CA",
            "ca.pem",
            "-rsigner",
            "answer.pem",
        ]
        command += ["-rkey", "answer.key", "-nmin", "5", "-reqin", "request.der", "-respout", "answer.der"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        return (tmp_path / "answer.der").read_bytes()

    revoked = "270101000000Z,keyCompromise" if state == "R" else ""
    (tmp_path / "index.txt").write_text(f"{state}\t360101000000Z\t{revoked}\t{SERIAL:X}\tunknown\t/CN=x\n")
    with web(answer) as site:
        scene = Scene(tmp_path, revocation=RevocationBy.OCSP, ocsp=site.url)
        certificate, key = a_responder(scene.signer, until=NOW + 9999 * DAY_S)
        (tmp_path / "ca.pem").write_bytes(pem(scene.signer.authority.certificate))
        (tmp_path / "answer.pem").write_bytes(pem(certificate))
        (tmp_path / "answer.key").write_bytes(key_pem(key))
        # The responder has the clock of this machine.
        scene.now = (tmp_path / "ca.pem").stat().st_mtime

        assert scene.ask() is status

"""New certificates are taken while a worker runs, and broken ones are not."""

import shutil
from contextlib import suppress

import pytest
from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from structlog.testing import capture_logs

from access.radius.tls_keeper import TlsKeeper, Watched
from radius.eap.packet import EapType
from radius.eap.tunnel import Contexts, ServerIdentity
from tests.peers.certificates import create_authority
from tests.peers.waiting import wait_until


class Scene:
    """A worker's contexts over files that can be replaced."""

    def __init__(self, directory):
        self.directory = directory
        (directory / "made").mkdir()
        self.authority = create_authority(directory / "made")
        self.certificate, self.key = directory / "server.pem", directory / "server.key"
        self.version = 0
        self.write("first")
        self.contexts = Contexts(self.load())
        watched = Watched(lambda: (self.certificate, self.key), lambda: self.version, self.load)
        self.keeper = TlsKeeper(self.contexts, watched)

    def load(self):
        return ServerIdentity(str(self.certificate), str(self.key))

    def write(self, name, key=True):
        files = self.authority.issue(name)
        shutil.copy(files.certificate, self.certificate)
        if key:
            shutil.copy(files.key, self.key)

    def looks(self):
        """Whether the second of two looks takes something new; the first never does."""
        assert self.keeper.look() is False
        return self.keeper.look()

    def shows(self, tunnel=None):
        """The name in the certificate that a peer is shown now, or in a conversation that is open."""
        return name_shown(tunnel or self.contexts.tunnel(EapType.TTLS))


def name_shown(tunnel):
    peer = SSL.Connection(SSL.Context(SSL.TLS_METHOD), None)
    peer.set_connect_state()
    while (certificate := peer.get_peer_certificate(as_cryptography=True)) is None:
        with suppress(SSL.WantReadError):
            peer.do_handshake()
        peer.bio_write(tunnel.feed(peer.bio_read(65536)).output)
    return certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


def test_new_files_are_taken_for_new_conversations_while_open_ones_go_on(scene):
    open_before = scene.contexts.tunnel(EapType.TTLS)

    scene.write("second")

    assert scene.looks() is True
    assert scene.shows() == "second"
    assert scene.shows(open_before) == "first"
    assert scene.looks() is False


def test_a_key_that_does_not_fit_leaves_what_there_was_and_says_so(scene):
    with capture_logs() as logs:
        scene.write("second", key=False)
        assert scene.looks() is False

    assert scene.shows() == "first"
    (event,) = logs
    assert (event["log_level"], "those before go on" in event["event"]) == ("error", True)

    scene.write("third")
    assert scene.looks() is True
    assert scene.shows() == "third"


@pytest.mark.parametrize("text", ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_that_is_no_certificate_leaves_what_there_was(scene, text):
    scene.certificate.write_text(text)

    assert scene.looks() is False
    assert scene.shows() == "first"


def test_a_file_that_is_gone_leaves_what_there_was(scene):
    scene.key.unlink()

    assert scene.looks() is False
    assert scene.shows() == "first"


def test_an_authority_that_is_new_in_the_database_is_trusted_without_a_new_file(scene):
    scene.version += 1

    assert scene.looks() is True


def test_a_thread_looks_by_itself_and_does_its_chores(scene):
    done = []
    scene.keeper._chores = (lambda: done.append(1),)
    scene.keeper.start()
    try:
        wait_until(lambda: len(done) > 0, "a chore")
    finally:
        scene.keeper.stop()

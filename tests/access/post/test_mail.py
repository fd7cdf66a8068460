"""Letters through a real mail server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from access.post.letters import Letter, NotTaken
from access.post.mail import MailBoxes, MailUnavailable
from access.post.mail import MailServer as Mail
from access.post.mail_security import Security
from tests.peers.certificates import Authority, create_authority
from tests.peers.mail_server import LATER, PASSWORD, UNKNOWN, USER, MailServer
from tests.peers.ports import LOOPBACK, free_port
from tests.peers.waiting import wait_until

TO = "minjun.kim@hangang.example"
LETTER = Letter(TO, "[한강전자] 새 휴대폰이 등록되었습니다", "김민준 님, 안녕하세요.\n.\n끝\n")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return create_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[MailServer]:
    with MailServer(authority.issue("mail.hangang.example")) as running:
        yield running


@pytest.fixture(scope="module")
def strict(authority: Authority) -> Iterator[MailServer]:
    with MailServer(authority.issue("strict.hangang.example"), asks=True, on_connect=True) as running:
        yield running


def mail(port: int, authority: Authority, **more: object) -> Mail:
    values = {"sender": "officegate@hangang.example", "ca_file": authority.path} | more
    return Mail(LOOPBACK, port, **values)  # type: ignore[arg-type]


def test_a_letter_arrives_as_it_was_written(server: MailServer, authority: Authority):
    mail(server.port, authority).send(LETTER)

    wait_until(lambda: server.letters, "the letter")
    (letter,) = server.letters
    assert letter["To"] == TO
    assert letter["From"] == "officegate@hangang.example"
    assert letter["Subject"] == LETTER.subject
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content() == LETTER.text
    # It came over TLS.
    assert "esmtps" in str(letter["Received"])


def test_a_server_that_asks_who_we_are_is_told_over_tls(strict: MailServer, authority: Authority):
    mail(strict.port, authority, security=Security.TLS, user=USER, password=PASSWORD).send(LETTER)

    wait_until(lambda: strict.letters, "the letter")


def test_a_wrong_password_is_said_and_the_letter_is_refused(strict: MailServer, authority: Authority):
    wrong = mail(strict.port, authority, security=Security.TLS, user=USER, password="wrong")

    with pytest.raises(NotTaken, match="535"):
        wrong.send(LETTER)


def test_a_server_of_another_authority_gets_no_letter(server: MailServer, tmp_path: Path):
    with pytest.raises(MailUnavailable, match="certificate verify failed"):
        mail(server.port, create_authority(tmp_path)).send(LETTER)


@pytest.mark.parametrize(
    "address", [UNKNOWN, "", "kim", "kim@", "a@b@c", "kim\n@hangang.example", "kim, lee"]
)
def test_an_address_that_will_never_do_is_not_tried_again(
    server: MailServer, authority: Authority, address: str
):
    with pytest.raises(NotTaken):
        mail(server.port, authority).send(Letter(address, "s", "t"))


def test_headers_cannot_be_put_into_a_subject(server: MailServer, authority: Authority):
    with pytest.raises(NotTaken):
        mail(server.port, authority).send(Letter(TO, "s\r\nBcc: all@hangang.example", "t"))


def test_a_server_that_has_no_time_is_tried_again(server: MailServer, authority: Authority):
    with pytest.raises(MailUnavailable, match="451"):
        mail(server.port, authority).send(Letter(LATER, "s", "t"))


def test_nobody_there_is_said_with_what_to_look_at(authority: Authority):
    with pytest.raises(MailUnavailable, match=r"See mail\."):
        mail(free_port(), authority).send(LETTER)


def test_what_somebody_waits_for_is_sent_at_once_or_not_at_all(server: MailServer, authority: Authority):
    boxes = MailBoxes(mail(server.port, authority))
    before = len(server.letters)

    boxes.send(TO, "로그인 번호", "1234")

    wait_until(lambda: len(server.letters) == before + 1, "the letter")
    assert boxes.ready
    assert not MailBoxes(None).ready
    for refused in (boxes, MailBoxes(None)):
        with pytest.raises(MailUnavailable):
            refused.send(UNKNOWN, "s", "t")


def test_the_password_is_not_shown():
    assert "secret" not in repr(Mail("h", 25, "s@h", password="secret"))

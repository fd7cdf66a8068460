import pytest

from access.post.letters import Notice
from access.post.notice_words import NoticeKind
from access.store import notices
from access.store.database import Database
from tests.access.commands.conftest import Run
from tests.access.residents import settle_in
from tests.peers.ports import LOOPBACK, free_port


@pytest.fixture
def configured(config):
    with config.open("a", encoding="utf-8") as file:
        file.write(f'[mail]\nserver = "{LOOPBACK}:{free_port()}"\n')
        file.write('sender = "gate@hangang.example"\nsecurity = "none"\n')


def test_without_a_server_it_says_what_to_set(officegate: Run):
    status, _, complaint = officegate("mail", "test", "kim@hangang.example")

    assert status != 0
    assert "Set mail.server and mail.sender" in complaint


def test_a_server_that_is_not_there_is_named(configured, officegate: Run):
    status, _, complaint = officegate("mail", "test", "kim@hangang.example")

    assert status == 1
    assert f"The mail server {LOOPBACK}:" in complaint


def test_what_waits_is_shown(officegate: Run, database: Database):
    assert officegate("mail", "show")[1] == "No notice waits.\n"
    user_id = settle_in(database)
    with database.write() as conn:
        notices.put(conn, Notice(NoticeKind.PHONE_REGISTERED, user_id, 1, 1795392000.0))

    assert officegate("mail", "show")[1] == "1 notices wait, the oldest since 2026-11-23 09:00:00+09:00.\n"

"""Who is written down for what the command line does."""

import os

import pytest

from access.commands import operator as at_the_machine
from access.commands.operator import operator


@pytest.fixture
def login(monkeypatch, tmp_path):
    """What the kernel says of who has signed in, and who the process is."""

    def as_(login_id, acting=0, names={0: "root", 1000: "hana"}, **environment):  # noqa: B006 - only read
        (tmp_path / "loginuid").write_text(f"{login_id}")
        monkeypatch.setattr(at_the_machine, "LOGIN", tmp_path / "loginuid")
        monkeypatch.setattr(at_the_machine, "_name", lambda user_id: names.get(user_id, f"{user_id}"))
        monkeypatch.setattr(os, "getuid", lambda: acting)
        for name in ("SUDO_USER", "USER", "LOGNAME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return operator()

    return as_


def test_who_has_become_root_is_named(login):
    assert login(1000) == "hana as root at the command line"
    assert login(0) == "root at the command line"
    assert login(2**32 - 1, SUDO_USER="hana") == "hana as root at the command line"


def test_nobody_takes_another_name_by_the_environment(login):
    liar = {"SUDO_USER": "boss", "USER": "boss", "LOGNAME": "boss"}

    assert login(2**32 - 1, 1000, **liar) == "hana at the command line"
    assert login(1000, 0, **liar) == "hana as root at the command line"


def test_somebody_the_machine_has_no_name_for_is_their_number(login):
    assert login(2**32 - 1, 4711) == "4711 at the command line"

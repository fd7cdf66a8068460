"""The walls of the house hold, and the checker of the walls sees each kind of breach."""

import ast
from pathlib import Path

import pytest

from tests.layering import Kind, Module, build_house, check, read_house

SHELL = '"""Speaks to the world. ◆"""\n'
USE_CASE = '"""Decides something. ▸"""\n'
CORE = '"""Computes something."""\n'


def test_every_import_of_the_house_keeps_to_its_walls():
    assert check(read_house()) == []


def test_the_house_is_read_whole():
    house = read_house()

    for package in ("otp", "radius", "vpn", "access"):
        assert package in house, f"no module of {package} was found"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (SHELL, Kind.SHELL),
        (USE_CASE, Kind.USE_CASE),
        (CORE, Kind.CORE),
        ("", Kind.CORE),
        ('"""First line.\n\nA later line with the mark. ◆\n"""', Kind.CORE),
    ],
)
def test_a_module_is_marked_by_the_end_of_its_docstrings_first_line(text, kind):
    assert Module("otp.totp", ast.parse(text)).kind is kind


# One line of source for each way of breaking a wall, with the start of what the checker says.
BREACHES = {
    "a library imports another": ({"otp.totp": "import radius.packet", "radius.packet": CORE}, "otp.totp:1"),
    "a library imports the application": (
        {"vpn.diff": "from access import model", "access.model": CORE},
        "vpn.diff:1",
    ),
    "an import inside a function counts": (
        {"otp.totp": "def f():\n    from radius import packet", "radius.packet": CORE},
        "otp.totp:2 imports radius.packet",
    ),
    "an import inside a function": (
        {"otp.totp": "def f():\n    import hmac"},
        "otp.totp:2 imports inside a block",
    ),
    "an import inside a try": (
        {"otp.totp": "try:\n    import hmac\nexcept ImportError:\n    pass"},
        "otp.totp:2",
    ),
    "an import of more than an optional package inside a try": (
        {"otp.totp": "try:\n    import orjson\n    import hmac\nexcept ImportError:\n    pass"},
        "otp.totp:2",
    ),
    "a relative import": (
        {"otp.totp": "from . import token", "otp.token": CORE},
        "otp.totp:1 imports relatively",
    ),
    "a shell imports by name": (
        {"access.radius.radiusd": SHELL + "from importlib import import_module"},
        "access.radius.radiusd:2 imports importlib.import_module",
    ),
    "a shell calls the import itself": (
        {"access.radius.radiusd": SHELL + "def f():\n    return __import__('access.console')"},
        "access.radius.radiusd:3 calls __import__()",
    ),
    "a test is imported": ({"otp.totp": "from tests.peers import slapd"}, "otp.totp:1"),
    "a core imports a shell": (
        {"otp.a": CORE + "from otp import b", "otp.b": SHELL},
        "otp.a:2 imports the shell otp.b",
    ),
    "a core imports a shell package through its child": (
        {"access.model": "import access.store.ids", "access.store": SHELL, "access.store.ids": CORE},
        "access.model:1 imports the shell access.store",
    ),
    "a core imports the shell whose folder it lives in": (
        {"access.console": SHELL, "access.console.shapes": "from access.console import app"},
        "access.console.shapes:1 imports the shell access.console",
    ),
    "a core imports a shell for its types": (
        {
            "otp.a": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from otp import b",
            "otp.b": SHELL,
        },
        "otp.a:3 imports the shell otp.b",
    ),
    "a core imports a use case": (
        {"access.model": "import access.logins.login", "access.logins.login": USE_CASE},
        "access.model:1 imports the use case access.logins.login",
    ),
    "a use case imports a shell": (
        {"access.logins.login": USE_CASE + "from access.store import users", "access.store.users": SHELL},
        "access.logins.login:2 imports the shell",
    ),
    "a use case opens a socket": (
        {"access.logins.login": USE_CASE + "import socket"},
        "access.logins.login:2",
    ),
    "a page chooses an implementation": (
        {"access.console.pages": SHELL + "from access.directory import sync", "access.directory.sync": SHELL},
        "access.console.pages:2 imports the shell access.directory.sync",
    ),
    "a page writes SQL": (
        {"access.console.pages": SHELL + "from sqlalchemy import text"},
        "access.console.pages:2",
    ),
    "a process speaks LDAP": ({"access.radius.radiusd": SHELL + "import ldap3"}, "access.radius.radiusd:2"),
    "a core opens a socket": ({"radius.packet": "import socket"}, "radius.packet:1 imports socket"),
    "a core reads a clock": (
        {"radius.packet": "from time import monotonic"},
        "radius.packet:1 imports time.monotonic",
    ),
    "a core draws randomness": (
        {"radius.packet": "from os import urandom"},
        "radius.packet:1 imports os.urandom",
    ),
    "a core asks for today": (
        {"otp.totp": "from datetime import datetime, UTC\nNOW = datetime.now(UTC)"},
        "otp.totp:2 calls datetime.now()",
    ),
    "a core asks for today the long way": (
        {"otp.totp": "import datetime\nNOW = datetime.datetime.now()"},
        "otp.totp:2 calls datetime.now()",
    ),
    "a core opens a file": ({"vpn.diff": "def f(p):\n    return open(p)"}, "vpn.diff:2 calls open()"),
    "a core touches a path": ({"vpn.diff": "from pathlib import Path"}, "vpn.diff:1 imports pathlib.Path"),
    "a core speaks SQL": ({"access.model": "import sqlalchemy.orm"}, "access.model:1"),
    "a core other than the tunnel wraps OpenSSL": (
        {"radius.eap.tls": "from OpenSSL import SSL"},
        "radius.eap.tls:1",
    ),
    "the tunnel opens a socket": ({"radius.eap.tunnel": "import socket"}, "radius.eap.tunnel:1"),
    "two modules import each other": (
        {"otp.a": "import otp.b", "otp.b": "import otp.a"},
        "imports go round: otp.",
    ),
    "three modules import in a ring": (
        {"otp.a": "import otp.b", "otp.b": "import otp.c", "otp.c": "from otp.a import X"},
        "imports go round: otp.",
    ),
}


@pytest.mark.parametrize(("sources", "told"), BREACHES.values(), ids=BREACHES.keys())
def test_a_breach_is_found_where_it_is(sources, told):
    breaches = check(build_house(sources))

    assert any(breach.startswith(told) for breach in breaches), breaches


SOUND = {
    "a shell does I/O": {"radius.listener": SHELL + "import socket\nimport time"},
    "the wiring chooses": {
        "access.app": SHELL + "from access.store import users",
        "access.store.users": SHELL + "import sqlalchemy",
    },
    "a shell calls a use case": {
        "access.gateways.tasks": SHELL + "from access.logins import login",
        "access.logins.login": USE_CASE,
    },
    "the command line finds its commands by name": {
        "access.cli": SHELL + "from importlib import import_module"
    },
    "a shell uses its own folder": {
        "access.store.users": SHELL + "from access.store.tables import User",
        "access.store.tables": SHELL + "import sqlalchemy",
    },
    "the application's shell runs a library's": {
        "access.radius.radiusd": SHELL + "from radius import listener",
        "radius.listener": SHELL,
    },
    "any shell reads settings": {
        "access.gateways.tasks": SHELL + "from access.config import Settings",
        "access.config": SHELL,
    },
    "the tunnel wraps OpenSSL": {"radius.eap.tunnel": CORE + "from OpenSSL import SSL"},
    "a pure path is a value": {"vpn.diff": "from pathlib import PurePosixPath"},
    "a core lives in a shell's folder": {
        "access.console": SHELL,
        "access.console.shapes": CORE + "from access.console.words import WORDS",
        "access.console.words": CORE,
    },
    "a type is not a clock": {"otp.totp": "from datetime import datetime, time"},
    "a package gathers its modules": {
        "otp": "from otp import totp\nTYPES = {'totp': totp}",
        "otp.totp": "from otp.token import Token",
        "otp.token": CORE,
    },
}


@pytest.mark.parametrize("sources", SOUND.values(), ids=SOUND.keys())
def test_what_the_walls_allow_is_not_a_breach(sources):
    assert check(build_house(sources)) == []


def test_a_file_is_found_under_its_dotted_name(tmp_path: Path):
    (tmp_path / "otp" / "seedfile").mkdir(parents=True)
    (tmp_path / "otp" / "seedfile" / "__init__.py").write_text(SHELL, encoding="utf-8")
    (tmp_path / "otp" / "token.py").write_text("import time", encoding="utf-8")

    house = read_house(tmp_path)

    assert set(house) == {"otp.seedfile", "otp.token"}
    assert check(house) == [
        "otp.token:1 imports time: a core does no I/O, reads no clock, draws no randomness"
    ]

"""Passwords of a company with two directories: whose is asked, and whose never."""

import time

from access.directory.credentials import open_credentials
from access.directory.mschap import Source
from access.directory.settings import DirectorySettings, Tls
from access.directory.verdict import PasswordOutcome
from access.model import User
from radius.questions import MschapExchange
from tests.peers.ports import free_port

EXCHANGE = MschapExchange(b"kim", bytes(16), bytes(16), bytes(24))


def directory_with(*mschap: str) -> DirectorySettings:
    """One that nobody answers for."""
    url = f"ldap://127.0.0.1:{free_port()}"
    return DirectorySettings(url, "ou=people,o=x", "ou=groups,o=x", tls=Tls.NONE, mschap=mschap)


def opened():
    both = {"hangang": directory_with("network-password"), "hangang/two": directory_with("sambaNTPassword")}
    return open_credentials(both, time.monotonic)


def test_a_response_of_mschapv2_is_asked_where_the_person_is():
    credentials = opened()
    here, there, nowhere = (
        User(1, "hangang", "kim", "uid=kim,o=x", directory=name) for name in ("main", "two", "ended")
    )

    answers = [credentials.mschap("hangang", each, EXCHANGE).outcome for each in (here, there, nowhere)]
    credentials.close()

    assert answers == [PasswordOutcome.NO_HASH, PasswordOutcome.UNAVAILABLE, PasswordOutcome.NO_HASH]


def test_what_any_of_the_directories_has_is_there_for_the_company():
    credentials = opened()

    assert credentials.nt_hashes_of("hangang") == {Source.NETWORK_PASSWORD, Source.SAMBA}
    assert credentials.nt_hashes_of("elsewhere") == {Source.NETWORK_PASSWORD, Source.SAMBA}
    credentials.close()

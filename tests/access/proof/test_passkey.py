import pytest

from access.proof.passkey import RelyingParty, known_transports, relying_party, went_back


@pytest.mark.parametrize(
    ("address", "party"),
    [
        ("https://gate.hangang.example", ("gate.hangang.example", "https://gate.hangang.example")),
        ("https://Gate.Hangang.Example:443/", ("gate.hangang.example", "https://gate.hangang.example")),
        ("https://gate.hangang.example:8443", ("gate.hangang.example", "https://gate.hangang.example:8443")),
        ("http://localhost:8080", ("localhost", "http://localhost:8080")),
        ("http://gate.localhost", ("gate.localhost", "http://gate.localhost")),
    ],
)
def test_passkeys_are_made_for_the_name_of_the_pages(address, party):
    assert relying_party(address) == RelyingParty(*party)


@pytest.mark.parametrize(
    "address",
    [
        "http://gate.hangang.example",
        "https://10.1.2.3",
        "http://127.0.0.1:8080",
        "https://[2001:db8::1]",
        "http://localhost.hangang.example",
        "",
    ],
)
def test_without_tls_or_a_name_there_are_none(address):
    assert relying_party(address) is None


@pytest.mark.parametrize(
    ("before", "after", "back"),
    [(0, 0, False), (0, 1, False), (4, 5, False), (5, 5, True), (5, 4, True), (5, 0, True)],
)
def test_a_count_that_does_not_go_up_gives_a_copy_away(before, after, back):
    assert went_back(before, after) is back


def test_transports_are_those_of_the_standard_whatever_a_browser_tells():
    assert known_transports(["hybrid", "usb", "carrier-pigeon", 7, "usb"]) == ("usb", "hybrid")
    assert known_transports("usb") == known_transports(None) == known_transports({"usb": 1}) == ()

import pytest

from tests.bench.eap_cpu import KINDS, floor
from tests.peers.certificates import create_authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return create_authority(tmp_path_factory.mktemp("floor"))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_login_has_a_floor(kind, authority, monkeypatch):
    monkeypatch.setattr("tests.bench.eap_cpu.PEOPLE", 2)

    figure = floor(kind, authority.issue("radius.example"), authority.issue("user1", client=True))

    assert figure.name == f"{kind.name}_openssl_floor_cpu"
    assert (figure.unit, figure.verdict) == ("us", "info")
    assert figure.value > 0

import pytest

from access.app import open_app
from access.config import load
from access.proof.network_password import PasswordSummary
from access.store import network_passwords
from tests.access.residents import NOW, settle_in


@pytest.fixture(autouse=True)
def laptop(config):
    app = open_app(load(config))
    user_id = settle_in(app.database)
    with app.database.write() as conn:
        new = PasswordSummary(0, "laptop", NOW, valid_until=NOW + 1e9)
        password = network_passwords.add(conn, app.keyring, app.random, new, (user_id, 1))
    app.close()
    return password


def test_what_somebody_has_is_listed_without_a_secret(officegate, laptop):
    status, out, _ = officegate("password", "list", "minjun.kim@hangang")

    assert status == 0
    assert out.startswith("1 laptop, bound to no endpoint, since ")
    assert laptop not in out
    assert "minjun.kim  1 laptop" in officegate("password", "list", "--organization", "hangang")[1]


def test_one_is_revoked_and_stays_in_the_list(officegate):
    assert officegate("password", "revoke", "minjun.kim@hangang", "--id", 1)[0] == 0

    assert "revoked 20" in officegate("password", "list", "minjun.kim@hangang")[1]
    assert "No network password." in officegate("password", "list", "--organization", "hangang")[1]
    status, _, complaint = officegate("password", "revoke", "minjun.kim@hangang")
    assert (status, "no network password to revoke" in complaint) == (1, True)


def test_whose_has_to_be_said(officegate):
    assert officegate("password", "list")[0] == 1

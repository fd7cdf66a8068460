"""A RADIUS worker that runs while its keys change, and one that starts when the old key is gone."""

import tempfile
from pathlib import Path

import pytest

from access.app import open_app
from access.cli import main
from access.model import Reason
from tests.access.radius_office import RadiusOffice, class_of, opened_office, serving

pytestmark = pytest.mark.peer("slapd", "radclient")


def change_key(office: RadiusOffice) -> str:
    """officegate otp rekey --add-key, and the old key taken out of the file; its id."""
    config = str(office.state_dir.parent / "officegate.toml")
    old = office.app.keyring.current
    assert main(["--config", config, "otp", "rekey", "--add-key"]) == 0
    key_file = office.app.settings.keys.file
    lines = key_file.read_text().splitlines()
    key_file.write_text("\n".join(line for line in lines if not line.startswith(old)) + "\n")
    return old


def test_logins_and_sessions_go_on_when_the_old_key_is_gone(address, directory, capsys):
    with tempfile.TemporaryDirectory(prefix="k-") as kept:
        office = opened_office(Path(kept), address.url, directory.slapd, directory.hangang)
        with serving(office):
            first = office.log_in("vpn", office.password + office.code())
            old = change_key(office)
            assert f"0 rows under key {old}; it may be removed." in capsys.readouterr().out

            typed = office.password + office.code(1)
            second = office.log_in("vpn", typed)
            office.load()

        after = RadiusOffice(open_app(office.app.settings), office.company)
        assert old not in after.app.keyring.keys
        with serving(after):
            started = after.account("vpn", "Start", class_of(first), Framed_IP_Address="10.20.0.7")
            third = after.log_in("vpn", typed)
            after.load()
        reasons = [record.reason for record in after.audited()]
        states = {session.acct_session_id: session.state for session in after.sessions()}
        after.app.close()
        office.app.close()

    assert (first.code, second.code) == ("Access-Accept", "Access-Accept")
    assert started is not None
    assert states["session-1"] == "live"
    # The code of the second login is known to be used: the seed opened under the new key alone.
    assert third.code == "Access-Reject"
    assert Reason.CODE_REPLAYED in reasons

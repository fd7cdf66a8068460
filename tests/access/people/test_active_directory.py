"""MSCHAPv2 through the running service: hashes that Active Directory keeps, and hashes in the directory."""

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from access.store import feed
from access.store.tables import users
from radius.mschap import nt_hash
from tests.access.radius_office import PERSON, RadiusOffice, opened_office, serving
from tests.peers.eapol_test import Laptop, log_in
from tests.peers.people import hangang, namsan
from tests.peers.radclient import ask
from tests.peers.samba_ad import DOMAIN
from tests.peers.slapd import Options, Slapd
from tests.radius.office import mschap_exchange

pytestmark = [pytest.mark.peer("slapd"), pytest.mark.peer("radclient"), pytest.mark.peer("eapol_test")]

CHALLENGE = bytes(range(16))
PASSWORD = "Right-h0rse-Battery"
DIRECTORY = "OFFICEGATE_ORGANIZATIONS__HANGANG__DIRECTORY__"


@contextmanager
def office_with(migrated_sqlite: Path, environ: dict, options: Options = Options()):  # noqa: B008 - frozen
    companies = (hangang(), namsan())
    with tempfile.TemporaryDirectory(prefix="r-") as kept, Slapd(companies, options) as slapd:
        file = Path(kept) / "db" / "gate.sqlite"
        file.parent.mkdir()
        shutil.copy(migrated_sqlite, file)
        office = opened_office(Path(kept), f"sqlite:///{file}", slapd, companies[0], environ)
        with serving(office):
            yield office, slapd
        office.app.close()


def mschap(office: RadiusOffice, name: str, password: str):
    made = mschap_exchange(CHALLENGE, name.encode(), password)
    response = b"\x07\0" + made.peer_challenge + bytes(8) + made.response
    who = {"User-Name": name, "Calling-Station-Id": "02-00-00-00-00-01"}
    return ask(office.server("switch"), who | {"MS-CHAP-Challenge": CHALLENGE, "MS-CHAP2-Response": response})


def reason(office: RadiusOffice) -> str:
    office.load()
    return office.audited()[-1].reason


def add_machine(office: RadiusOffice, name: str) -> None:
    """What a user_filter that includes computers would have read."""
    with office.app.database.write() as conn:
        row = {"organization_id": 1, "entry_uuid": name, "name": name, "dn": f"cn={name}"}
        conn.execute(insert(users).values(row))
        key = conn.execute(select(users.c.id).where(users.c.name == name)).scalar_one()
        feed.append(conn, feed.Topic.USER, str(key), 1, office.app.clock())


@pytest.mark.peer("samba")
def test_people_and_machines_of_active_directory_log_in_by_mschapv2(migrated_sqlite, active_directory):
    active_directory.add_user(PERSON, PASSWORD)
    active_directory.add_machine("desk7", PASSWORD)
    environ = {
        DIRECTORY + "MSCHAP": "network-password, ntlm_auth",
        DIRECTORY + "NTLM_DOMAIN": DOMAIN,
        DIRECTORY + "NTLM_AUTH": active_directory.ntlm_auth,
    }
    with office_with(migrated_sqlite, environ) as (office, _):
        add_machine(office, "desk7$")
        accepted = mschap(office, PERSON, PASSWORD)
        assert (accepted.code, reason(office)) == ("Access-Accept", "PERMITTED")
        assert accepted.get("MS-CHAP2-Success") and accepted.get("MS-MPPE-Send-Key")

        assert mschap(office, "host/desk7.hangang.test", PASSWORD).code == "Access-Accept"
        assert reason(office) == "PERMITTED"
        assert office.sessions()[-1].user_name == "desk7$@hangang.example"

        laptop = Laptop(
            f"{PERSON}@hangang.example",
            PASSWORD,
            office.state_dir / "tls" / "authority.pem",
            "PEAP",
            "auth=MSCHAPV2",
            "anonymous@hangang.example",
        )
        login = log_in(office.server("switch"), laptop)
        assert (login.success, login.keys_match) == (True, True), login.log[-2000:]
        machine = "host/desk7.hangang.test"
        login = log_in(office.server("switch"), replace(laptop, identity=machine, anonymous=machine))
        assert (login.success, login.keys_match) == (True, True), login.log[-2000:]
        assert reason(office) == "PERMITTED"
        assert office.sessions()[-1].user_name == "desk7$@hangang.example"

        assert mschap(office, PERSON, "wrong").code == "Access-Reject"
        assert reason(office) == "WRONG_PASSWORD"
        active_directory.disable(PERSON)
        assert mschap(office, PERSON, PASSWORD).code == "Access-Reject"
        assert reason(office) == "USER_DISABLED"


def test_hashes_in_the_directory_are_compared_and_never_kept(migrated_sqlite):
    environ = {DIRECTORY + "MSCHAP": "sambaNTPassword"}
    with office_with(migrated_sqlite, environ, Options(samba=True)) as (office, slapd):
        dn = office.company.person_dn(PERSON)
        assert mschap(office, PERSON, PASSWORD).code == "Access-Reject"
        assert reason(office) == "NO_NT_HASH"

        slapd.add_values(
            dn, {"objectClass": ["sambaSamAccount"], "sambaNTPassword": [nt_hash(PASSWORD).hex()]}
        )
        accepted = mschap(office, PERSON, PASSWORD)
        assert (accepted.code, reason(office)) == ("Access-Accept", "PERMITTED")
        assert mschap(office, PERSON, "wrong").code == "Access-Reject"
        assert reason(office) == "WRONG_PASSWORD"

        slapd.replace(dn, {"sambaAcctFlags": ["[UD         ]"]})
        assert mschap(office, PERSON, PASSWORD).code == "Access-Reject"
        assert reason(office) == "USER_DISABLED"
        slapd.replace(dn, {"sambaAcctFlags": ["[U          ]"]})
        slapd.daemon.stop()
        assert mschap(office, PERSON, PASSWORD).code == "Access-Reject"
        assert reason(office) == "DIRECTORY_UNAVAILABLE"
        kept = [path.read_bytes() for path in office.state_dir.parent.rglob("*") if path.is_file()]
        assert not any(nt_hash(PASSWORD).hex().encode() in text.lower() for text in kept)
        slapd.restart()


def test_a_company_without_a_source_says_that_the_method_is_not_spoken(migrated_sqlite):
    with office_with(migrated_sqlite, {DIRECTORY + "MSCHAP": "none"}) as (office, _):
        assert mschap(office, PERSON, PASSWORD).code == "Access-Reject"
        assert reason(office) == "METHOD_NOT_ALLOWED"


def test_who_has_no_network_password_is_told_to_make_one(migrated_sqlite):
    with office_with(migrated_sqlite, {}) as (office, _):
        assert mschap(office, PERSON, office.password).code == "Access-Reject"
        assert reason(office) == "METHOD_NEEDS_NETWORK_PASSWORD"

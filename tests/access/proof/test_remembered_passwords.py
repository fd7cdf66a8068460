"""The directory of an office dies in the middle of the day: who comes in, and who does not."""

import shutil
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.access.radius_office import PERSON, RadiusOffice, opened_office, serving
from tests.peers.people import hangang
from tests.peers.slapd import Slapd

pytestmark = [pytest.mark.peer("slapd"), pytest.mark.peer("radclient")]

HOURS = "OFFICEGATE_ORGANIZATIONS__HANGANG__PASSWORD_MEMORY_HOURS"


@contextmanager
def office_of(migrated_sqlite: Path, slapd: Slapd, more: dict[str, str]) -> Iterator[RadiusOffice]:
    with tempfile.TemporaryDirectory(prefix="r-") as kept:
        file = Path(kept) / "db" / "gate.sqlite"
        file.parent.mkdir()
        shutil.copy(migrated_sqlite, file)
        opened = opened_office(Path(kept), f"sqlite:///{file}", slapd, slapd.companies[0], more)
        try:
            yield opened
        finally:
            opened.app.close()


def accepted(office: RadiusOffice, door: str = "switch", password: str = "", **more: object) -> bool:
    return office.log_in(door, password or office.password, **more).code == "Access-Accept"


def written(office: RadiusOffice) -> Iterator[bytes]:
    """Whatever the office has on disk: database, journals, counts, keys."""
    for path in office.state_dir.parent.rglob("*"):
        if path.is_file():
            yield path.read_bytes()


def test_logins_go_on_without_the_directory_until_the_worker_is_restarted(migrated_sqlite):
    with Slapd((hangang(),)) as slapd, office_of(migrated_sqlite, slapd, {HOURS: "8"}) as office:
        with serving(office) as worker:
            assert accepted(office)
            slapd.daemon.stop()

            assert accepted(office)
            assert not accepted(office, password="another password")
            assert accepted(office, "vpn", office.password + office.code())
            assert not accepted(office, **{"Service-Type": "Administrative-User"})
            secrets = [each.digest for each in worker._ports.memory.right_passwords._entries.values()]
        with serving(office):
            assert not accepted(office)

        office.load()
        logins = [each for each in office.audited() if each.kind == "login"]
        said = [(each.reason, each.detail.get("remembered")) for each in logins]
        steps = logins[1].detail["steps"]
        kept = list(written(office))
    assert said == [
        ("PERMITTED", None),
        ("PERMITTED", True),
        ("DIRECTORY_UNAVAILABLE", None),
        ("PERMITTED", True),
        ("DIRECTORY_UNAVAILABLE", None),
        ("DIRECTORY_UNAVAILABLE", None),
    ]
    assert [(each["name"], each["outcome"]) for each in steps] == [
        ("password", "remembered"),
        ("decision", ""),
    ]
    assert len(secrets) == 1
    for secret in (secrets[0], secrets[0].hex().encode(), b64encode(secrets[0]), office.password.encode()):
        assert not any(secret in each for each in kept)


def test_where_it_is_not_set_nobody_comes_in_without_the_directory(migrated_sqlite):
    with Slapd((hangang(),)) as slapd, office_of(migrated_sqlite, slapd, {}) as office, serving(office):
        assert accepted(office)
        slapd.daemon.stop()

        assert not accepted(office)
        office.load()
        assert office.audited()[-1].reason == "DIRECTORY_UNAVAILABLE"


def test_who_has_a_role_does_not_come_in_without_the_directory(migrated_sqlite):
    company = hangang()
    group = next(each.name for each in company.groups if PERSON in company.members(each.name))
    more = {HOURS: "8", "OFFICEGATE_ROLES__HELPDESK": f"hangang/{group}"}
    with Slapd((company,)) as slapd, office_of(migrated_sqlite, slapd, more) as office, serving(office):
        assert accepted(office)
        slapd.daemon.stop()

        assert not accepted(office)

"""Wrong passwords at two workers of one machine, before a real directory."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from access.store import alarms
from tests.access.radius_office import PERSON, opened_office, serving
from tests.peers.people import hangang, namsan
from tests.peers.radclient import ask
from tests.peers.slapd import Options, Slapd

pytestmark = [pytest.mark.peer("slapd"), pytest.mark.peer("radclient")]

OWN, OTHER = "00-00-5E-00-53-01", "00-00-5E-00-53-02"


@pytest.fixture
def workers(migrated_sqlite):
    """The office, its slapd that locks after five, and how to log in at one of two workers."""
    companies = (hangang(), namsan())
    options = Options(password_policy=True, lockout_after=5)
    environ = {"OFFICEGATE_ORGANIZATIONS__HANGANG__DIRECTORY__LOCKOUT_FAILURES": "5"}
    with tempfile.TemporaryDirectory(prefix="r-") as kept, Slapd(companies, options) as slapd:
        file = Path(kept) / "db" / "gate.sqlite"
        file.parent.mkdir()
        shutil.copy(migrated_sqlite, file)
        office = opened_office(Path(kept), f"sqlite:///{file}", slapd, companies[0], environ)
        with serving(office, 0):
            ports = [office.auth_port]
            with serving(office, 1):
                ports.append(office.auth_port)

                def log_in(worker, password, endpoint=OWN, name=PERSON):
                    server = replace(office.server("switch"), port=ports[worker])
                    who = {"User-Name": name, "User-Password": password, "Calling-Station-Id": endpoint}
                    code = ask(server, who).code
                    office.load()
                    return code, office.audited()[-1].reason

                yield office, slapd, log_in
        office.app.close()


def test_a_stranger_who_guesses_at_every_worker_locks_the_account_for_nobody(workers):
    office, _, log_in = workers
    assert log_in(0, office.password)[0] == "Access-Accept"

    guesses = [
        log_in(number % 2, f"guess {number}", f"00-00-5E-00-54-{number:02X}")[1] for number in range(8)
    ]

    assert guesses.count("WRONG_PASSWORD") == 2
    assert set(guesses) == {"WRONG_PASSWORD", "PASSWORD_THROTTLED"}
    # Neither we nor the directory hold up the owner at the endpoint where they have been before.
    assert log_in(1, office.password)[0] == "Access-Accept"


def test_an_endpoint_with_an_old_password_stored_costs_one_question_to_the_directory(workers):
    _, slapd, log_in = workers
    assert log_in(0, "old password")[1] == "WRONG_PASSWORD"
    slapd.daemon.stop()

    reasons = {log_in(number % 2, "old password")[1] for number in range(8)}

    assert reasons == {"PASSWORD_REPEATED"}
    assert log_in(0, "another")[1] == "DIRECTORY_UNAVAILABLE"
    slapd.restart()


def test_one_endpoint_that_tries_many_people_raises_an_alarm(workers):
    office, _, log_in = workers
    people = [person.uid for person in office.company.people[:8]]
    for number, name in enumerate(people):
        log_in(number % 2, "Spring2026", OTHER, name)

    with office.app.database.read() as conn:
        (alarm,) = alarms.listed(conn)
    assert (alarm.kind, alarm.subject) == ("password-spraying", OTHER.lower().replace("-", ":"))
    assert "8 different names" in alarm.note

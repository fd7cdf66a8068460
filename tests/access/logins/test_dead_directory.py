"""One company's directory accepts connections and says nothing; the other company's is a real one."""

import os
import shutil
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from access.app import open_standing
from access.changes.publishing import Draft
from access.policy.compiled import compile
from access.policy.document import load
from access.rights.containment import By
from access.rights.office_opening import Desk, close, open_by_codes
from access.store import feed
from access.store.policy_shelf import StoredPolicies
from access.store.tables import nas, organizations, users
from tests.access.directory.silence import server_that
from tests.access.radius_office import POLICY, PRINTER, opened_office, serving
from tests.peers.people import hangang, namsan
from tests.peers.radclient import ask
from tests.peers.slapd import Slapd
from tests.peers.waiting import wait_until

pytestmark = [pytest.mark.peer("slapd"), pytest.mark.peer("radclient")]

# More than the threads that a worker once had for everybody.
STRANDED = 24
PATIENCE_S = 60
NAMSAN = "OFFICEGATE_ORGANIZATIONS__NAMSAN__"


def company_at(port: int) -> dict[str, str]:
    directory = {
        "URL": f"ldap://127.0.0.1:{port}",
        "TLS": "none",
        "USER_BASE": "ou=people,dc=namsan,dc=example",
        "GROUP_BASE": "ou=groups,dc=namsan,dc=example",
        "RECEIVE_TIMEOUT_S": str(PATIENCE_S),
    }
    named = {f"{NAMSAN}DIRECTORY__{name}": value for name, value in directory.items()}
    return {f"{NAMSAN}NAME": "남산", f"{NAMSAN}REALM": "namsan.example", **named}


def add_people(office, names: list[str]) -> None:
    with office.app.database.write() as conn:
        company = conn.execute(select(organizations.c.id).where(organizations.c.key == "namsan")).scalar_one()
        for name in names:
            row = {"organization_id": company, "entry_uuid": name, "name": name, "dn": f"uid={name}"}
            user_id = conn.execute(insert(users).values(row).returning(users.c.id)).scalar_one()
            feed.append(conn, feed.Topic.USER, str(user_id), company, office.app.clock())


@pytest.fixture
def office(migrated_sqlite):
    """The office, with a second company whose directory is silent, and what ends that silence."""
    companies = (hangang(), namsan())
    with tempfile.TemporaryDirectory(prefix="r-") as kept, Slapd(companies) as slapd, ExitStack() as silence:
        file = Path(kept) / "db" / "gate.sqlite"
        file.parent.mkdir()
        shutil.copy(migrated_sqlite, file)
        port, heard = silence.enter_context(server_that(None))
        opened = opened_office(Path(kept), f"sqlite:///{file}", slapd, companies[0], company_at(port))
        with serving(opened):
            yield opened, heard, silence
        opened.app.close()


def test_a_dead_directory_strands_its_own_people_and_nobody_else(office):
    office, heard, silence = office
    names = [f"anna{number}" for number in range(STRANDED)]
    add_people(office, names)
    server = office.server("switch")

    def log_in(name: str):
        who = {"User-Name": f"{name}@namsan.example", "User-Password": "x"}
        return ask(
            server, who | {"Calling-Station-Id": f"00-00-5E-00-54-{names.index(name):02X}"}, timeout_s=60
        )

    with ThreadPoolExecutor(STRANDED) as people:
        stranded = [people.submit(log_in, name) for name in names]
        wait_until(lambda: len(heard) == STRANDED, "the silent directory to be asked by everybody", 60)

        assert office.log_in("switch", office.password).code == "Access-Accept"
        printer = {"User-Name": PRINTER, "Calling-Station-Id": PRINTER, "Service-Type": "Call-Check"}
        assert ask(server, printer).code == "Access-Accept"
        assert not any(each.done() for each in stranded)

        silence.close()
        assert {each.result().code for each in stranded} == {"Access-Reject"}
    office.load()
    assert "DIRECTORY_UNAVAILABLE" in {record.reason for record in office.audited()}


def test_with_the_directory_killed_an_opening_lets_people_in_and_its_end_puts_them_out(migrated_sqlite):
    (company,) = companies = (hangang(),)
    with tempfile.TemporaryDirectory(prefix="r-") as kept, Slapd(companies) as slapd:
        file = Path(kept) / "db" / "gate.sqlite"
        file.parent.mkdir()
        shutil.copy(migrated_sqlite, file)
        office = opened_office(Path(kept), f"sqlite:///{file}", slapd, company)
        with serving(office):
            desk = prepare(office)
            slapd.daemon.kill()
            assert office.log_in("switch", "x").code == "Access-Reject"

            codes = [code for _, code in desk.ports.make_codes("seoul", 2, "test", office.app.clock())]
            opened = open_by_codes(desk, codes, "test")
            wait_until(
                lambda: office.log_in("switch", "x").code == "Access-Accept", "the worker to hear of it"
            )
            assert office.log_in("switch", "x", name="nobody").code == "Access-Reject"

            close(desk, By("test"), opened.standing.id)
            wait_until(
                lambda: office.log_in("switch", "x").code == "Access-Reject", "the worker to hear of it"
            )
        office.app.close()


def test_with_the_directory_hanging_an_opening_lets_people_in_and_whoever_is_wrong_stays_out_when_it_answers(
    migrated_sqlite,
):
    (company,) = companies = (hangang(),)
    patient = {"OFFICEGATE_ORGANIZATIONS__HANGANG__DIRECTORY__RECEIVE_TIMEOUT_S": "1"}
    with tempfile.TemporaryDirectory(prefix="r-") as kept, Slapd(companies) as slapd:
        file = Path(kept) / "db" / "gate.sqlite"
        file.parent.mkdir()
        shutil.copy(migrated_sqlite, file)
        office = opened_office(Path(kept), f"sqlite:///{file}", slapd, company, patient)
        with serving(office):
            desk = prepare(office)
            codes = [code for _, code in desk.ports.make_codes("seoul", 2, "test", office.app.clock())]
            open_by_codes(desk, codes, "test")
            assert office.log_in("switch", office.password).code == "Access-Accept"
            # A busy machine may take longer than the second that the directory is waited for.
            wait_until(lambda: office.log_in("switch", "x").code == "Access-Reject", "it to be asked", 60)

            os.kill(slapd.pid, signal.SIGSTOP)
            try:
                wait_until(
                    lambda: office.log_in("switch", "y").code == "Access-Accept", "somebody to be let in", 60
                )
            finally:
                os.kill(slapd.pid, signal.SIGCONT)

            wait_until(
                lambda: office.log_in("switch", "z").code == "Access-Reject", "the worker to ask it again", 60
            )
            assert office.log_in("switch", office.password).code == "Access-Accept"
        office.load()
        methods = {record.detail.get("method") for record in office.audited()}
        assert {"office-open", "pap"} <= methods
        office.app.close()


def prepare(office):
    """The switch stands in Seoul, and the policy has prepared an opening there."""
    text = f"{POLICY}openings:\n  seoul: {{organization: hangang, site: seoul, permit: [login:wired]}}\n"
    shelf = StoredPolicies(office.app.database, office.app.keyring, office.app.random, "test")
    now = office.app.clock()
    assert shelf.put_in_force(Draft(text, "test", shelf.in_force()), load(text).revision, now)
    with office.app.database.write() as conn:
        conn.execute(update(nas).where(nas.c.name == "switch").values(site="seoul"))
        number = conn.execute(select(nas.c.id).where(nas.c.name == "switch")).scalar_one()
        feed.append(conn, feed.Topic.NAS, str(number), 1, now)
    return Desk(open_standing(office.app, "test"), compile(load(text)), now)

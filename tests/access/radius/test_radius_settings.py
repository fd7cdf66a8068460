"""What the configuration says about RADIUS reaches the worker that runs."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import access.radius.radiusd
from radius.server import Server, Worker
from tests.access.conftest import Address
from tests.access.radius_office import RadiusOffice, opened_office, serving
from tests.peers.people import hangang
from tests.peers.slapd import Slapd
from tests.peers.waiting import wait_until

pytestmark = [pytest.mark.peer("slapd"), pytest.mark.peer("radclient")]
# A database that is a file stays readable for whoever has it open; a server that is away does not.
SERVER = pytest.param("postgresql", marks=pytest.mark.peer("postgres"))
OTHER_LAPTOP = "00-00-5E-00-53-02"
Opens = Callable[..., RadiusOffice]


@pytest.fixture(scope="module")
def slapd() -> Iterator[Slapd]:
    with Slapd([hangang()]) as opened:
        yield opened


@pytest.fixture
def office_with(slapd: Slapd, address: Address) -> Iterator[Opens]:
    """office_with(SETTING="value", ...): an office whose worker serves with these settings."""
    with ExitStack() as ending:

        def opens(**settings: str) -> RadiusOffice:
            folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="r-")))
            more = {f"OFFICEGATE_{name}": value for name, value in settings.items()}
            office = opened_office(folder, address.url, slapd, slapd.companies[0], more)
            ending.callback(office.app.close)
            ending.enter_context(serving(office))
            return office

        yield opens


def reasons(office: RadiusOffice) -> list[str]:
    office.load()
    return [record.reason for record in office.audited() if record.kind == "login"]


@pytest.mark.parametrize("address", [SERVER], indirect=True)
def test_a_dead_database_stops_administrators_of_devices_first_and_the_wire_last(office_with: Opens):
    office = office_with(RADIUS__STALENESS_PRIVILEGED_S="1")

    def answered(code: str, **more: object) -> bool:
        return office.log_in("switch", office.password, **more).code == code

    administrator = {"Service-Type": "NAS-Prompt-User"}
    wait_until(lambda: answered("Access-Accept", **administrator), "an administrator to get in", 30)
    office.lose_database()
    wait_until(lambda: answered("Access-Reject", **administrator), "the memory to grow old", 30)
    wire_goes_on = answered("Access-Accept")

    office.regain_database()
    assert wire_goes_on
    assert reasons(office)[-2:] == ["STALE_DECISION", "PERMITTED"]


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
def test_a_company_has_no_more_endpoints_on_than_its_setting_says(office_with: Opens):
    office = office_with(ORGANIZATIONS__HANGANG__MOST_SESSIONS="1")

    first = office.log_in("switch", office.password)
    second = office.log_in("switch", office.password, **{"Calling-Station-Id": OTHER_LAPTOP})

    assert (first.code, second.code) == ("Access-Accept", "Access-Reject")
    assert reasons(office) == ["PERMITTED", "ORGANIZATION_FULL"]


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
def test_workers_share_a_secret_of_the_installation(office_with: Opens, monkeypatch: pytest.MonkeyPatch):
    workers: list[Worker] = []

    class Watched(Server):
        def __init__(self, find_nas, random, methods, worker, limits) -> None:
            workers.append(worker)
            super().__init__(find_nas, random, methods, worker, limits)

    monkeypatch.setattr(access.radius.radiusd, "Server", Watched)
    office = office_with()

    assert [worker.key for worker in workers] == [office.app.keyring.subkey("worker")]

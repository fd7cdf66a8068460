"""A change that comes in waves, at the door: a real worker, radclient, one person of each wave."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from access.changes.publishing import Draft
from access.changes.rollout import Rollout
from access.model import Subject
from access.policy.document import load
from access.policy.waves import Wave, place_of
from access.store.rollouts import StoredRollouts
from tests.access.radius_office import PERSON, POLICY, RadiusOffice, opened_office, serving

pytestmark = [pytest.mark.peer("slapd"), pytest.mark.peer("radclient")]

NEWER = POLICY.replace("gives: {vlan: staff,", "gives: {vlan: floor-2,")
REVISION, BASE = load(NEWER).revision, load(POLICY).revision


class Change:
    """Somebody of the first wave and somebody of the second, and the publication that comes to them."""

    def __init__(self, office: RadiusOffice) -> None:
        self.office = office
        names = sorted((each.uid for each in office.company.people if each.uid != PERSON), key=_place)
        # Shares in the middle between two people, so that no rounding decides.
        self.first, self.second = (
            next(uid for uid in some if self.vlan(uid) == "staff") for some in (names, names[::-1])
        )
        shares = sorted([_place(uid) * 100 / 2**64 for uid in (self.first, self.second)])
        self.waves = (Wave((shares[0] + shares[1]) / 2), Wave((shares[1] + 100) / 2))
        app = office.app
        self.rollouts = StoredRollouts(app.database, app.keyring, app.random, "test")

    def begin(self) -> Rollout:
        now = self.office.app.clock()
        rollout = Rollout(REVISION, BASE, self.waves, 600.0, "test", None, "", since=now)
        assert self.rollouts.begin(Draft(NEWER, "test", BASE), rollout, now)
        return rollout

    def vlan(self, uid: str) -> str | None:
        password = self.office.company.person(uid).password
        return self.office.log_in("switch", password, name=uid).get("Tunnel-Private-Group-Id")

    def vlans(self) -> tuple[str | None, str | None]:
        """Where the one and the other get into the network."""
        return self.vlan(self.first), self.vlan(self.second)


def _place(uid: str) -> int:
    return place_of(REVISION, Subject(1, "hangang", uid))


@pytest.fixture
def change(address, directory) -> Iterator[Change]:
    # Not tmp_path: the path of a unix socket has at most 107 octets.
    with tempfile.TemporaryDirectory(prefix="r-") as kept:
        office = opened_office(Path(kept), address.url, directory.slapd, directory.hangang)
        with serving(office):
            yield Change(office)
        office.app.close()


def test_each_person_follows_one_policy_through_all_waves_and_back(change: Change):
    """Begun, moved on, for everybody, and rolled back: what the switch is told at each step."""
    office, now = change.office, change.office.app.clock()
    assert change.vlans() == ("staff", "staff")

    rollout = change.begin()
    assert change.vlans() == ("floor-2", "staff")

    moved = rollout.next(now)
    assert change.rollouts.move(rollout, moved, now)
    assert change.vlans() == ("floor-2", "floor-2")

    assert change.rollouts.finish(moved, now)
    assert change.vlans() == ("floor-2", "floor-2")

    office.publish(POLICY)
    assert change.vlans() == ("staff", "staff")


def test_what_is_taken_back_speaks_for_nobody_and_the_records_say_who_followed_which(change: Change):
    rollout = change.begin()
    assert change.vlans() == ("floor-2", "staff")

    assert change.rollouts.take_back(rollout, "enough", change.office.app.clock())

    assert change.vlans() == ("staff", "staff")
    change.office.load()
    told = [
        (record.detail["name"].partition("@")[0], record.detail["policy"])
        for record in change.office.audited()
        if record.kind == "login"
    ]
    asked = [(change.first, REVISION), (change.second, BASE), (change.first, BASE), (change.second, BASE)]
    assert told[-4:] == asked


def test_a_worker_that_is_started_while_a_wave_stands_follows_it(change: Change):
    change.begin()

    with serving(change.office, 1):
        assert change.vlans() == ("floor-2", "staff")

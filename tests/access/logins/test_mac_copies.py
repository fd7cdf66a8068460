"""An address at ports of two companies at once is told to both, and to neither where the other one is."""

from dataclasses import dataclass, field

import pytest

from access.logins.mac_copies import watch_for_copies
from tests.access.residents import NOW


@dataclass
class Other:
    """A session of the same address at another port."""

    organization_id: int
    nas_id: int = 3
    nas_port: str = "Gi1/0/9"
    seen_at: float | None = NOW - 60


@dataclass
class Stations:
    others: list[Other]
    alarms: list[tuple[int | None, str]] = field(default_factory=list)

    def from_station(self, station: str) -> list[tuple[Other, str]]:
        return [(each, "theirs") for each in self.others]

    def raise_alarm(self, alarm, at: float) -> bool:
        self.alarms.append((alarm.organization_id, alarm.note))
        return True


@pytest.mark.parametrize(
    ("company", "told"),
    [
        (1, [(1, "own Gi1/0/3, 2027-01-15 08:00 UTC", "theirs Gi1/0/9, 2027-01-15 07:59 UTC")]),
        (
            2,
            [
                (1, "own Gi1/0/3, 2027-01-15 08:00 UTC", "another company, 2027-01-15 07:59 UTC"),
                (2, "another company, 2027-01-15 08:00 UTC", "theirs Gi1/0/9, 2027-01-15 07:59 UTC"),
            ],
        ),
    ],
)
def test_each_company_is_told_of_its_own_port(company: int, told: list[tuple[int, str, str]]):
    stations = Stations([Other(company)])
    record = {"nas": 4, "port": "Gi1/0/3", "t": NOW, "calling": "00-00-5e-00-53-99"}

    watch_for_copies(stations, record | {"organization": 1, "where": "own Gi1/0/3"})

    assert stations.alarms == [(id, f"logs in at {here}; heard of at {there}") for id, here, there in told]

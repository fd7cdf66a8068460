"""Lists of endpoints from elsewhere, such as the export of a device management: CSV to endpoints."""

import csv
from collections.abc import Iterable, Iterator

from access.errors import Refused
from access.nas.registry import BadEndpoint, BadName, Endpoint, check_name, read_mac

COLUMNS = ("mac", "name", "owner", "managed")
_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0", ""})


class BadList(Refused):
    """A list cannot be taken over; the message names its line."""


def read_endpoints(
    lines: Iterable[str], organization_id: int, organization: str, until: float
) -> list[Endpoint]:
    """Return the endpoints in lines of mac,name,owner,managed. Raises BadList at the first that is wrong.

    An owner without a company is one of the organization.
    """
    try:
        return list(_read(csv.DictReader(lines), organization_id, organization, until))
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadList(
            f"This is no list of endpoints: {error}.", f"단말 목록을 읽을 수 없습니다: {error}."
        ) from None


def _read(
    rows: "csv.DictReader[str]", organization_id: int, organization: str, until: float
) -> Iterator[Endpoint]:
    if not set(COLUMNS[:3]) <= set(rows.fieldnames or ()):
        raise BadList(
            f"The first line has to be {','.join(COLUMNS)}.", f"첫 줄은 {','.join(COLUMNS)}이어야 합니다."
        )
    seen: set[str] = set()
    for row in rows:
        try:
            mac, name = read_mac(row["mac"] or ""), check_name(row["name"] or "")
        except (BadEndpoint, BadName) as error:
            raise BadList(
                f"Line {rows.line_num}: {error}", f"{rows.line_num}번째 줄: {error.to('ko')}"
            ) from None
        managed = (row.get("managed") or "").strip().lower()
        if mac in seen or managed not in _YES | _NO:
            wrong = f"{mac} stands twice" if mac in seen else f"managed is yes or no, not {managed[:20]}"
            raise BadList(f"Line {rows.line_num}: {wrong}.", f"{rows.line_num}번째 줄: {wrong}.")
        seen.add(mac)
        owner = (row["owner"] or "").strip()
        owner = owner if "@" in owner or not owner else f"{owner}@{organization}"
        yield Endpoint(0, organization_id, mac, name, owner, until, managed=managed in _YES)

"""Endpoints that log in by their MAC address, each change of them audited. ◆"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from access.errors import Refused
from access.keys.sealing import Keyring
from access.model import User
from access.nas.endpoint_standing import Registration
from access.nas.registry import Endpoint
from access.people.naming import resolve_login
from access.records.audit import AuditEntry
from access.store import audit, endpoints, organizations, people
from access.store.database import Connection, Database


@dataclass(frozen=True)
class StoredEndpoints:
    """One transaction each. writer names this process in the audit."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str

    def listed(self, organization_id: int) -> list[Endpoint]:
        """Every endpoint of an organization, by MAC address."""
        with self.database.read() as conn:
            return [each for each in endpoints.all_endpoints(conn) if each.organization_id == organization_id]

    def unanswered(self, now: float) -> frozenset[int]:
        """The ids of those, of any company, that nobody who is here answers for."""
        with self.database.read() as conn:
            return endpoints.unanswered(conn, now)

    def owned_by(self, user: User) -> list[Endpoint]:
        """The endpoints that somebody answers for, the first to end first."""
        with self.database.read() as conn:
            return endpoints.owned_by(conn, user.id)

    def registration(self, mac: str) -> Registration | None:
        """What the registry says of a MAC address, whosever it is."""
        with self.database.read() as conn:
            return endpoints.registration(conn, mac)

    def register(self, new: Endpoint, by: str, now: float) -> Endpoint:
        """Let an endpoint log in. new.owner is a login name. Raises BadEndpoint and Refused."""
        with self.database.write() as conn:
            owned = _owned(conn, new)
            endpoints.add(conn, owned, now)
            self._record(conn, "ENDPOINT_ADDED", owned, by, now)
        return owned

    def extend(self, mac: str, organization_id: int, until: float, by: str, now: float) -> bool:
        """Let an endpoint of an organization log in until a moment; whether there is one."""
        with self.database.write() as conn:
            known = endpoints.endpoint_by_mac(conn, mac)
            if known is None or known.organization_id != organization_id:
                return False
            endpoints.set_end(conn, known, until, now)
            self._record(conn, "ENDPOINT_EXTENDED", replace(known, valid_until=until), by, now)
            return True

    def give(self, mac: str, organization_id: int, owner: str, by: str, now: float) -> bool:
        """Have somebody else answer for an endpoint of an organization; whether there is one.

        Raises Refused.
        """
        with self.database.write() as conn:
            known = endpoints.endpoint_by_mac(conn, mac)
            if known is None or known.organization_id != organization_id:
                return False
            self._give(conn, known, _owner(conn, owner, organization_id), by, now)
            return True

    def manage(self, mac: str, organization_id: int, managed: bool, by: str, now: float) -> bool:
        """Say whether the company manages an endpoint of an organization; whether there is one."""
        with self.database.write() as conn:
            known = endpoints.endpoint_by_mac(conn, mac)
            if known is None or known.organization_id != organization_id:
                return False
            endpoints.set_managed(conn, known, managed, now)
            self._record(conn, "ENDPOINT_MANAGED" if managed else "ENDPOINT_UNMANAGED", known, by, now)
            return True

    def take_over(self, listed: Sequence[Endpoint], by: str, now: float) -> int:
        """Register the endpoints of a list, all or none, and return how many are new. Raises Refused.

        What is registered already only gets its end and its mark anew, and an owner where it has none;
        another company's is refused.
        """
        new = 0
        with self.database.write() as conn:
            for each in listed:
                known = endpoints.endpoint_by_mac(conn, each.mac)
                stands = known is not None and (known.valid_until is None or known.valid_until > now)
                if known is None or not stands or known.organization_id != each.organization_id:
                    owned = _owned(conn, each)
                    endpoints.add(conn, owned, now)
                    self._record(conn, "ENDPOINT_ADDED", owned, by, now)
                    new += 1
                    continue
                if known.owner_id is None:
                    self._give(conn, known, _owner(conn, each.owner, each.organization_id), by, now)
                endpoints.set_end(conn, known, each.valid_until, now)
                if known.managed != each.managed:
                    endpoints.set_managed(conn, known, each.managed, now)
                self._record(conn, "ENDPOINT_EXTENDED", replace(known, valid_until=each.valid_until), by, now)
        return new

    def remove(self, mac: str, organization_id: int, by: str, now: float) -> bool:
        """Let an endpoint of an organization log in no more; whether there was one."""
        with self.database.write() as conn:
            known = endpoints.endpoint_by_mac(conn, mac)
            if known is None or known.organization_id != organization_id:
                return False
            endpoints.remove(conn, known, now)
            self._record(conn, "ENDPOINT_REMOVED", known, by, now)
            return True

    def _give(self, conn: Connection, known: Endpoint, owner: User, by: str, now: float) -> None:
        endpoints.set_owner(conn, known, owner, now)
        given = replace(known, owner=f"{owner.name}@{owner.organization}", owner_id=owner.id)
        self._record(conn, "ENDPOINT_OWNER", given, by, now)

    def _record(self, conn: Connection, reason: str, known: Endpoint, by: str, now: float) -> None:
        detail = {"mac": known.mac, "name": known.name, "owner": known.owner, "by": by}
        entry = AuditEntry("endpoint", now, reason, known.organization_id, detail=detail)
        audit.record(conn, self.writer, entry, self.keyring, self.random)


def _owned(conn: Connection, new: Endpoint) -> Endpoint:
    """The endpoint with the account that its owner's name means. Raises Refused."""
    owner = _owner(conn, new.owner, new.organization_id)
    return replace(new, owner=f"{owner.name}@{owner.organization}", owner_id=owner.id)


def _owner(conn: Connection, text: str, organization_id: int) -> User:
    """Who answers for it: somebody who is here, by a login name. Raises Refused."""
    known = organizations.all_organizations(conn)
    default = next((each for each in known if each.id == organization_id), None)
    meant = resolve_login(known, text, default)
    owner = people.user_by_name(conn, meant.organization.id, meant.name) if meant else None
    if owner is None:
        raise Refused(
            f"Nobody is named {text}: name somebody who answers for it, as name@organization.",
            f"{text}(이)라는 사용자가 없습니다. 담당자를 이름@회사 형식으로 입력하십시오.",
        )
    if not owner.enabled:
        name = f"{owner.name}@{owner.organization}"
        raise Refused(
            f"{name} is disabled in the directory: name somebody who can answer for it.",
            f"{name} 계정은 디렉터리에서 중지되어 있습니다. 다른 담당자를 입력하십시오.",
        )
    return owner

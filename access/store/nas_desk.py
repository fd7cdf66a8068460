"""NAS clients as the console changes them: each change one transaction, of one organization. ◆"""

import secrets as random_secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from access.keys.sealing import Keyring
from access.nas import nas_clients, nas_rules
from access.nas.nas_certificate import NasCertificate
from access.nas.nas_clients import Hand
from access.nas.nas_rules import Compared
from access.nas.registry import GENERATED_SECRET_OCTETS, BadNas, NasClient
from access.store import nas, nas_certificates
from access.store.database import Connection, Database
from access.store.devices import all_devices
from access.store.nas import StoredNas

Random = Callable[[int], bytes]


@dataclass(frozen=True)
class StoredNasDesk:
    """The port of the console. writer names this process in the audit."""

    database: Database
    keyring: Keyring = field(repr=False)
    random: Random
    clock: Callable[[], float]
    writer: str
    compared: Compared

    def client(self, organization_id: int, nas_id: int) -> NasClient | None:
        """A NAS of an organization, if it may ask."""
        with self.database.read() as conn:
            return self._client(conn, organization_id, nas_id)

    def gateways(self, organization_id: int) -> Sequence[tuple[int, str]]:
        """The devices of an organization that can enforce what sessions reach: id and name."""
        with self.database.read() as conn:
            return [
                (each.id, each.name) for each in all_devices(conn) if each.organization_id == organization_id
            ]

    def sharers(self, client: NasClient) -> Sequence[str]:
        """The names of the NAS of the same organization that have a secret of this one's."""
        with self.database.read() as conn:
            known, _ = nas.readable_clients(conn, self.keyring)
        own = [other for other in known if other.organization_id == client.organization_id]
        return nas_rules.sharers(client, own)

    def add(self, client: NasClient, by: str, everywhere: bool) -> tuple[NasClient, str]:
        """Let a device ask; return it and its secret, which is made. Raises BadNas.

        everywhere: also within networks that another organization has given to its own.
        """
        secret = random_secrets.token_urlsafe(GENERATED_SECRET_OCTETS)
        new = replace(client, secrets=(secret,))
        with self.database.write() as conn:
            ports = self._ports(conn)
            if not everywhere:
                nas_clients.refuse_foreign_ground(ports, new)
            nas_clients.add_client(ports, new, self._hand(by))
            kept = nas.client_by_name(conn, self.keyring, new.name)
        assert kept is not None
        return kept, secret

    def change(self, before: NasClient, after: NasClient, by: str, everywhere: bool) -> None:
        """Change what is set by hand. Raises BadNas."""
        with self.database.write() as conn:
            ports = self._ports(conn)
            if not everywhere and after.network != before.network:
                nas_clients.refuse_foreign_ground(ports, after)
            nas_clients.change_client(ports, self._current(conn, before), after, self._hand(by))

    def rotate(self, client: NasClient, by: str) -> str:
        """Make a second secret valid, and return it. Raises BadNas."""
        secret = random_secrets.token_urlsafe(GENERATED_SECRET_OCTETS)
        with self.database.write() as conn:
            nas_clients.rotate(self._ports(conn), self._current(conn, client), secret, self._hand(by))
        return secret

    def finish(self, client: NasClient, by: str) -> None:
        """End the first secret. Raises BadNas."""
        with self.database.write() as conn:
            nas_clients.finish(self._ports(conn), self._current(conn, client), self._hand(by))

    def abandon(self, client: NasClient, by: str) -> None:
        """End the second secret. Raises BadNas."""
        with self.database.write() as conn:
            nas_clients.abandon(self._ports(conn), self._current(conn, client), self._hand(by))

    def remove(self, client: NasClient, by: str) -> None:
        """Answer a device no more."""
        with self.database.write() as conn:
            nas_clients.remove_client(self._ports(conn), self._current(conn, client), self._hand(by))

    def certificates(self, client: NasClient) -> Sequence[NasCertificate]:
        """Those with which it may connect by RadSec."""
        with self.database.read() as conn:
            return nas_certificates.of_nas(conn, client.id)

    def certify(self, client: NasClient, certificate: NasCertificate, by: str) -> None:
        """Let it connect with a certificate. Raises BadNas."""
        with self.database.write() as conn:
            current = self._current(conn, client)
            nas_clients.certify(self._ports(conn), current, certificate, self._hand(by))

    def decertify(self, client: NasClient, certificate: NasCertificate, by: str) -> None:
        """Let it connect with a certificate no more. Raises BadNas."""
        with self.database.write() as conn:
            current = self._current(conn, client)
            nas_clients.decertify(self._ports(conn), current, certificate, self._hand(by))

    def _client(self, conn: Connection, organization_id: int, nas_id: int) -> NasClient | None:
        found = nas.client_by_id(conn, self.keyring, nas_id)
        is_own = found is not None and found.enabled and found.organization_id == organization_id
        return found if is_own else None

    def _current(self, conn: Connection, seen: NasClient) -> NasClient:
        """The client as it is now. Raises BadNas where it is gone."""
        found = self._client(conn, seen.organization_id, seen.id)
        if found is None:
            raise BadNas(f"{seen.name} is gone.", f"{seen.name}은(는) 이미 삭제되었습니다.")
        return found

    def _ports(self, conn: Connection) -> StoredNas:
        return StoredNas(conn, self.keyring, self.random, self.writer, self.compared)

    def _hand(self, by: str) -> Hand:
        return Hand(by, self.clock())

"""The ports of access.proof.importing and access.proof.exporting: one transaction each. ◆"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping, insert, select
from sqlalchemy.exc import IntegrityError

from access.errors import Refused
from access.keys.sealing import Keyring
from access.model import Organization
from access.proof.exporting import ExportOrder
from access.proof.factors import NewToken
from access.proof.identity_event import What
from access.proof.importing import Known, Order
from access.records.audit import AuditEntry
from access.store import audit, feed, organizations, tokens
from access.store.tables import tokens as table
from access.store.tables import users
from otp.kinds import Algorithm, Kind
from otp.seedfile.record import SeedRecord
from otp.token import State

ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class StoredImport:
    """Inside one transaction. writer: this process in the audit."""

    conn: Connection
    keyring: Keyring = field(repr=False)
    random: Callable[[int], bytes]
    writer: str

    def organizations(self) -> Sequence[Organization]:
        """Every company."""
        return organizations.all_organizations(self.conn)

    def known(self, organization: Organization) -> Known:
        """People of the company whom the directory still shows, and the serial numbers of its tokens."""
        here = (users.c.organization_id == organization.id, users.c.vanished_at.is_(None))
        people = self.conn.execute(select(users.c.name, users.c.id).where(*here).order_by(users.c.id))
        numbered = (table.c.organization_id == organization.id, table.c.serial.is_not(None))
        serials = self.conn.execute(select(table.c.serial).where(*numbered)).scalars()
        return Known({row.name: row.id for row in people}, set(serials))

    def store(self, found: Sequence[NewToken], order: Order, now: float) -> None:
        """Insert the tokens, tell the feed and the audit. Raises Refused where another import was faster."""
        organization_id = order.organization.id
        rows = [self._row(new, organization_id) for new in found]
        try:
            for start in range(0, len(rows), ROWS_AT_ONCE):
                self.conn.execute(insert(table), rows[start : start + ROWS_AT_ONCE])
        except IntegrityError:
            raise Refused(
                "Nothing was imported: somebody else has imported one of these serial numbers at the same "
                "moment. Look at what is there now, and run the import again."
            ) from None
        owners = sorted({new.user_id for new in found if new.user_id is not None})
        feed.append_many(self.conn, feed.Topic.TOKEN, map(str, owners), organization_id, now)
        self._record(found, order, now)

    def _row(self, new: NewToken, organization_id: int) -> dict[str, Any]:
        binding = str(UUID(bytes=self.random(16), version=4))
        place = tokens.bound_to(binding, organization_id, new.user_id)
        token = new.token
        return {
            "user_id": new.user_id,
            "organization_id": organization_id,
            "binding": binding,
            "kind": token.kind.value,
            "nickname": new.nickname,
            "secret": self.keyring.seal(token.secret, place, self.random),
            "digits": token.digits,
            "period_s": token.period_s,
            "algorithm": token.algorithm.value,
            "state": token.state.value,
            "last_step": token.last_step,
            "drift_steps": token.drift_steps,
            "created_at": new.created_at,
            "proven_at": new.created_at if token.state is State.ACTIVE else None,
            "serial": new.serial,
            "origin": new.origin.value,
        }

    def _record(self, found: Sequence[NewToken], order: Order, now: float) -> None:
        """Write one entry about the import, and one for each token that somebody has by it."""
        organization_id = order.organization.id
        entries = [
            AuditEntry(
                What.IMPORTED.kind,
                now,
                organization_id=organization_id,
                user_id=new.user_id,
                detail={"what": What.IMPORTED.value, "by": order.by, "serial": new.serial or ""},
            )
            for new in found
            if new.user_id is not None
        ]
        detail = {
            "what": "tokens.imported",
            "by": order.by,
            "imported": str(len(found)),
            "in stock": str(len(found) - len(entries)),
        }
        entries.append(AuditEntry("tokens", now, organization_id=organization_id, detail=detail))
        audit.record_all(self.conn, self.writer, entries, self.keyring, self.random)


@dataclass(frozen=True)
class StoredExport:
    """Inside one transaction. writer: this process in the audit."""

    conn: Connection
    keyring: Keyring = field(repr=False)
    random: Callable[[int], bytes]
    writer: str

    def seeds(self, organization: Organization) -> Sequence[SeedRecord]:
        """Every token of the company that works or is in stock, oldest first. Raises SealBroken."""
        found = (
            select(table, users.c.name.label("owner"))
            .outerjoin(users, users.c.id == table.c.user_id)
            .where(
                table.c.organization_id == organization.id,
                table.c.state.in_((State.ACTIVE.value, State.SPARE.value)),
            )
            .order_by(table.c.id)
        )
        rows = self.conn.execute(found).mappings()
        return [self._record_of(row, organization) for row in rows]

    def record(self, order: ExportOrder, count: int, now: float) -> None:
        """Write down that seeds have left."""
        detail = {
            "what": "tokens.exported",
            "by": order.by,
            "exported": str(count),
            "why": order.reason,
            "form": order.form,
        }
        entry = AuditEntry("tokens", now, organization_id=order.organization.id, detail=detail)
        audit.record(self.conn, self.writer, entry, self.keyring, self.random)

    def _record_of(self, row: RowMapping, organization: Organization) -> SeedRecord:
        return SeedRecord(
            place=f"token {row['id']}",
            serial=row["serial"] or f"gate-{row['id']}",
            kind=Kind(row["kind"]),
            secret=tokens.open_seed(row, self.keyring),
            digits=row["digits"],
            period_s=row["period_s"],
            algorithm=Algorithm(row["algorithm"]),
            last_step=row["last_step"],
            drift_steps=row["drift_steps"],
            owner=f"{row['owner']}@{organization.realm}" if row["owner"] else "",
            issuer=organization.name,
            key_name=row["nickname"],
        )

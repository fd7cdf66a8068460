"""Who an owner of an endpoint is: an account, and not whoever has its name later."""

import json
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

FOREIGN = "fk_endpoints_owner_id"
# So many rows at once: a large office has a hundred thousand endpoints.
AT_ONCE = 500


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # A constraint is added by a copy of the table otherwise, and none replaces one that others refer to.
        column = f"owner_id INTEGER CONSTRAINT {FOREIGN} REFERENCES users (id)"
        op.execute(f"ALTER TABLE endpoints ADD COLUMN {column}")
    else:
        comment = "null: nobody, whatever owner says"
        op.add_column("endpoints", sa.Column("owner_id", sa.BigInteger(), comment=comment))
        op.create_foreign_key(FOREIGN, "endpoints", "users", ["owner_id"], ["id"])
    op.create_index("ix_endpoints_owner_id", "endpoints", ["owner_id"])
    _tie(op.get_bind())


def downgrade() -> None:
    op.drop_index("ix_endpoints_owner_id", "endpoints")
    op.drop_column("endpoints", "owner_id")


def _tie(conn: sa.Connection) -> None:
    """Tie each endpoint to the one account that can have been meant; where several can, to none."""
    rows = conn.execute(sa.text("SELECT id, mac, owner FROM endpoints WHERE owner <> ''")).all()
    if not rows:
        return
    registered, holders = _registered(conn), _holders(conn)
    found = []
    for row in rows:
        at = registered.get(row.mac)
        meant = [user_id for user_id, since, until in holders[row.owner.casefold()] if _had(since, until, at)]
        if len(meant) == 1:
            found.append({"endpoint": row.id, "account": meant[0]})
    tie = sa.text("UPDATE endpoints SET owner_id = :account WHERE id = :endpoint")
    for first in range(0, len(found), AT_ONCE):
        conn.execute(tie, found[first : first + AT_ONCE])


def _had(since: float | None, until: float | None, registered: float | None) -> bool:
    """Whether an account can have had its name when an endpoint was registered.

    since, until: as far as that is kept. Whom the directory showed first is kept for thirty days, and a
    registration for longer: one that is not kept came before.
    """
    if registered is None:
        return since is None
    return (since is None or since <= registered) and (until is None or until > registered)


def _holders(conn: sa.Connection) -> defaultdict[str, list[tuple[int, float | None, float | None]]]:
    """Return by name@organization which accounts have the name, since when and until when.

    Those that were put together with another one are nobody's.
    """
    told = _told_by_runs(conn)
    query = (
        "SELECT u.id, u.organization_id, u.entry_uuid, u.name, u.vanished_at, o.key, l.approved_at"
        " FROM users u JOIN organizations o ON o.id = u.organization_id"
        " LEFT JOIN local_users l ON l.user_id = u.id WHERE u.entry_uuid NOT LIKE 'folded-%'"
    )
    found = defaultdict(list)
    for row in conn.execute(sa.text(query)):
        began = _named_since(told[row.organization_id, row.entry_uuid], row.name) or row.approved_at
        found[f"{row.name}@{row.key}".casefold()].append((row.id, began, row.vanished_at))
    return found


def _told_by_runs(conn: sa.Connection) -> defaultdict[tuple[int, str], list[tuple[float, str, str | None]]]:
    """Return when what became of an account, and which name it had until then, the first first."""
    query = (
        "SELECT r.organization_id, r.began, c.entry_uuid, c.what, c.before FROM directory_changes c"
        " JOIN directory_runs r ON r.id = c.run_id ORDER BY c.id"
    )
    found = defaultdict(list)
    for row in conn.execute(sa.text(query)):
        had = json.loads(row.before).get("name")
        found[row.organization_id, row.entry_uuid].append((row.began, row.what, had))
    return found


def _named_since(told: list[tuple[float, str, str | None]], name: str) -> float | None:
    """Return when an account came, or came by its name; None: before all that is told.

    One that was gone for a while and is back has had its name before.
    """
    since, left_as = None, None
    for began, what, had in told:
        if what == "vanished":
            left_as = had
        elif had is not None or (what == "added" and left_as != name):
            since = began
    return since


def _registered(conn: sa.Connection) -> dict[str, float]:
    """Return when each MAC address was registered last, where the audit tells; nothing of it is sealed."""
    query = sa.text(
        "SELECT at, detail FROM audit WHERE kind = 'endpoint' AND reason = 'ENDPOINT_ADDED' ORDER BY id"
    )
    return {json.loads(bytes(row.detail))["mac"]: row.at for row in conn.execute(query)}

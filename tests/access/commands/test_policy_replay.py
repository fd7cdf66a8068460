"""officegate policy replay, over logins that a RADIUS worker's record has brought into the audit."""

import time
from pathlib import Path

from sqlalchemy import select

from access.model import Facts, Method, Reason, Via
from access.policy.document import load
from access.policy.facts_text import spell
from access.records.audit import AuditEntry
from access.store import audit
from access.store.database import Database
from access.store.tables import organizations
from tests.access.commands.conftest import Run

PRINTERS = """version: 1
rules:
  - {id: printer, permit: [login:wired], who: ["endpoint:00-00-5e-00-53-99"], when: {method: mab}}
"""
MAC = "00:00:5e:00:53:99"


def test_a_login_of_this_week_is_decided_again_by_a_file(officegate: Run, database: Database, tmp_path: Path):
    document = tmp_path / "policy.yaml"
    document.write_text(PRINTERS, "utf-8")
    assert officegate("policy", "publish", document)[0] == 0
    revision = load(PRINTERS).revision
    detail = {"endpoint": MAC, "facts": spell(Facts(Via.WIRED, Method.MAB)), "policy": revision}
    with database.write() as conn:
        organization_id = conn.execute(select(organizations.c.id)).scalars().first()
        entry = AuditEntry("login", time.time(), Reason.PERMITTED, organization_id, detail=detail)
        # Plain: nobody's key is needed for an endpoint's record.
        audit.record(conn, "test", entry, None, bytes)

    same = officegate("policy", "replay", document)
    document.write_text(PRINTERS.replace("method: mab", "method: mab, site: seoul"), "utf-8")
    status, shown, _ = officegate("policy", "replay", document)
    elsewhere = officegate("policy", "replay", document, "--to", "2020-01-01")

    assert same == (0, "1 login: 0 would have come out otherwise, 1 the same\n", "")
    assert status == 1
    assert shown.startswith(f"{MAC} would be refused (login:wired): FACT_UNKNOWN printer  [")
    assert elsewhere[1] == "0 logins: 0 would have come out otherwise, 0 the same\n"

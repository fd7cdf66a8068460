"""Every page stands in the docs, and nothing else does."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs"
PLACES = {
    "<int:session_id>": "ID",
    "<int:token_id>": "ID",
    "<int:passkey_id>": "ID",
    "<int:user_id>": "ID",
    "<int:password_id>": "ID",
    "<mac>": "MAC",
    "<int:alarm_id>": "NUMBER",
    "<int:nas_id>": "ID",
    "<int:certificate_id>": "NUMBER",
    "<int:link_id>": "ID",
    "<int:group_id>": "ID",
    "<int:member_id>": "ID",
    "<int:pass_id>": "ID",
    "<int:act_id>": "ID",
    "<int:old_id>": "ID",
    "<int:new_id>": "ID",
    "<int:number>": "NUMBER",
    "<authority>": "AUTHORITY",
    "<pool>": "POOL",
}
NOT_PAGES = ("/static/", "/bootstrap/")


def test_every_page_is_in_the_docs(pages):
    written = set()
    for name in ("portal.md", "console.md"):
        rows = re.findall(r"^\| `(/[^`]*)` \|", (DOCS / name).read_text("utf-8"), re.MULTILINE)
        written |= set(rows)

    served = {rule.rule for rule in pages.url_map.iter_rules() if not rule.rule.startswith(NOT_PAGES)}
    for placeholder, word in PLACES.items():
        served = {path.replace(placeholder, word) for path in served}

    assert served == written

"""What a NAS or a gateway answered, on pages."""

import re

import pytest
from sqlalchemy import update

from access.store.tables import devices, sessions, work

FORBIDS = "the NAS is configured to refuse this"
REFUSED = "nft refused: Error: Could not process rule: File exists"


@pytest.fixture
def answered(town):
    town.equip()
    session_id = town.connect("minjun.kim")
    with town.database.write() as conn:
        said = {"disconnect": "naked", "disconnect_note": FORBIDS}
        conn.execute(update(sessions).where(sessions.c.id == session_id).values(said))
        conn.execute(update(work).values(failures=1, failure=REFUSED))
        conn.execute(update(devices).values(failed_at=town.now, failure=REFUSED))
    return town


@pytest.mark.parametrize(
    ("language", "nas", "gateway"),
    [
        ("en", FORBIDS, REFUSED),
        (
            "ko",
            "NAS가 이 요청을 거부하도록 설정되어 있음",
            "nft가 거부함, 장비가 한 말: “Error: Could not process rule: File exists”",
        ),
    ],
)
def test_an_answer_is_told_in_the_language_of_the_page(answered, visit, language, nas, gateway):
    boss = visit("boss@hangang", language=language)

    boss.get("/console/sessions")
    assert f"({nas})" in boss.page
    assert FORBIDS not in boss.page.replace(nas, "")

    boss.get("/console/devices")
    assert len(re.findall(gateway, boss.page)) == 3

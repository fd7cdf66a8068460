"""From a draft to a rollback on the command line."""

from pathlib import Path

import pytest
from sqlalchemy import insert

from access.commands.operator import operator
from access.policy.standing import Kept, Standing, StandingKind
from access.store import standing
from access.store.database import Database
from access.store.policy_shelf import StoredPolicies
from access.store.tables import groups, memberships
from tests.access.commands.conftest import Run
from tests.access.residents import settle_in

OPEN = """\
version: 1
networks:
  git: {organization: hangang, to: [10.99.0.0/25]}
rules:
  - {id: door, permit: [login:vpn], who: [organization:hangang]}
  - {id: git, permit: [network:git], who: [organization:hangang]}
"""
CLOSED = OPEN.replace(
    "permit: [network:git], who: [organization:hangang]", "permit: [network:git], who: [user:boss@hangang]"
)


@pytest.fixture
def office(officegate: Run, config: Path, database: Database, tmp_path: Path) -> Path:
    """The file that is open to everybody, published; two administrators and twenty people."""
    officegate("check")
    for name in ("boss", "chief", *(f"person{number:02}" for number in range(20))):
        settle_in(database, name)
    with database.write() as conn:
        row = {"organization_id": 1, "entry_uuid": "admins", "name": "it-admins", "dn": "cn=it-admins"}
        group = conn.execute(insert(groups).values(**row).returning(groups.c.id)).scalar_one()
        conn.execute(insert(memberships), [{"user_id": number, "group_id": group} for number in (1, 2)])
    path = tmp_path / "policy.yaml"
    path.write_text(OPEN, "utf-8")
    assert officegate("policy", "publish", path, "--by", "boss@hangang")[0] == 0
    path.write_text(CLOSED, "utf-8")
    return path


def test_the_preview_says_who_loses_what_before_anything_happens(officegate: Run, office: Path):
    status, printed, _ = officegate("policy", "preview", office)

    assert (status, printed) == (0, "hangang: 21 people lose network:git\n")
    assert "  person07@hangang\n" in officegate("policy", "preview", office, "--names")[1]
    assert officegate("policy", "preview", office, "--object", "login:vpn")[1] == "Nobody's access changes.\n"


def test_a_publication_names_the_grants_that_it_ends(officegate: Run, office: Path, database: Database):
    wanted = Standing(
        0, StandingKind.GRANT, ("user:boss@hangang",), ("network:git",), until=1e11, organization="hangang"
    )
    with database.write() as conn:
        standing.add(conn, Kept(wanted, organization_id=1, user_id=1), 0.0)
    office.write_text(OPEN.replace("  git:", "  wiki:").replace("[network:git]", "[network:wiki]"), "utf-8")
    named = "boss@hangang: grant-1 to network:git until 5138-11-16 18:46 KST gives nothing any more"

    assert named in officegate("policy", "preview", office)[1]
    assert officegate("policy", "draft", "save", office, "--by", "boss@hangang", "--submit")[0] == 0
    assert officegate("policy", "approve", 1, "--by", "chief@hangang")[0] == 0
    status, printed, warned = officegate("policy", "publish", "--draft", 1)

    assert (status, named in warned, named in printed) == (0, True, False)


def test_what_takes_too_much_waits_for_a_second_person_and_can_be_taken_back(officegate: Run, office: Path):
    status, _, complaint = officegate("policy", "publish", office, "--by", "boss@hangang")
    assert status == 3
    assert "takes something from 21 of 22 in hangang" in complaint

    status, printed, _ = officegate("policy", "draft", "save", office, "--by", "boss@hangang", "--submit")
    assert status == 0
    assert "submitted" in officegate("policy", "draft", "list")[1]
    assert officegate("policy", "draft", "show", 1)[1] == CLOSED
    assert officegate("policy", "approve", 1, "--by", "boss@hangang")[0] == 1
    assert officegate("policy", "publish", "--draft", 1)[0] == 3
    assert officegate("policy", "approve", 1, "--by", "chief@hangang")[0] == 0
    assert officegate("policy", "publish", "--draft", 1)[0] == 0

    told = officegate("policy", "history")[1].splitlines()
    assert "approved by chief@hangang" in told[0]
    first = told[1].split()[0]
    assert "hangang: 21 people gain network:git" in officegate("policy", "rollback", first, "--dry-run")[1]
    status, printed, _ = officegate("policy", "rollback", first[:6], "--by", "chief@hangang")
    assert (status, printed.splitlines()[-1]) == (0, f"revision {first} published")
    assert officegate("policy", "show")[1] == OPEN


def test_the_audit_says_at_whose_hand_an_administrator_was_named(officegate: Run, office: Path):
    """Whoever has the machine may name any two administrators: that must not look as if they had done it."""
    officegate("policy", "draft", "save", office, "--by", "boss@hangang", "--submit")
    officegate("policy", "approve", 1, "--by", "chief@hangang")
    officegate("policy", "draft", "drop", 1, "--by", "boss@hangang")

    told = officegate("audit", "show")[1].splitlines()
    for what, author in (
        ("policy.draft-saved", "boss"),
        ("policy.draft-submitted", "boss"),
        ("policy.approved", "chief"),
        ("policy.draft-dropped", "boss"),
    ):
        (row,) = [line for line in told if f'what="{what}"' in line]
        assert f'author="{author}@hangang"' in row
        assert f'by="{operator()}"' in row


def test_a_file_is_pulled_compared_and_published_over_what_it_was_written_over(
    officegate: Run, office: Path, tmp_path: Path
):
    copy = tmp_path / "copy.yaml"
    status, revision, _ = officegate("policy", "pull", copy)
    assert (status, copy.read_text("utf-8")) == (0, OPEN)
    assert officegate("policy", "diff", copy)[:2] == (0, "Nobody's access changes.\n")

    status, printed, complaint = officegate("policy", "diff", office)
    assert status == 3
    assert "+  - {id: git, permit: [network:git], who: [user:boss@hangang]}" in printed
    assert "another administrator has to approve it (hangang)" in complaint

    copy.write_text(OPEN + "# a word\n", "utf-8")
    assert officegate("policy", "publish", copy, "--over", revision.strip())[0] == 0
    copy.write_text(OPEN + "# another\n", "utf-8")
    assert officegate("policy", "publish", copy, "--over", revision.strip())[0] == 1


def test_a_publication_in_waves_is_shown_moved_held_and_taken_back(officegate: Run, office: Path):
    office.write_text(OPEN + "# a word\n", "utf-8")
    assert officegate("policy", "publish", office, "--waves", "10%,1%")[0] == 1
    status, printed, _ = officegate("policy", "publish", office, "--waves", "1%,10%,100%", "--pause", "1h")
    assert (status, printed) == (0, f"{office}: the first wave stands: officegate policy wave show\n")

    status, _, complaint = officegate("policy", "publish", office)
    assert status == 1
    assert "on its way in waves" in complaint
    assert officegate("policy", "show")[1] == OPEN
    assert officegate("policy", "wave", "show")[1].splitlines()[:3] == ["* 1%", "  10%", "  everybody"]
    assert officegate("policy", "wave", "hold")[0] == 0
    assert officegate("policy", "wave", "next")[1] == "wave 10% stands\n"
    assert officegate("policy", "wave", "back")[0] == 0
    assert officegate("policy", "wave", "next")[0] == 1

    officegate("policy", "publish", office, "--waves", "organization:hangang,100%")
    assert officegate("policy", "wave", "next")[1].endswith(" published\n")
    assert officegate("policy", "show")[1] == OPEN + "# a word\n"


def test_the_audit_says_on_whose_word_and_by_whose_hand_waves_were_moved(officegate: Run, office: Path):
    office.write_text(OPEN + "# a word\n", "utf-8")

    def waves() -> None:
        assert officegate("policy", "publish", office, "--waves", "1%,10%,100%", "--pause", "1h")[0] == 0

    waves()
    assert officegate("policy", "wave", "hold", "--by", "chief@hangang")[0] == 0
    assert officegate("policy", "wave", "next", "--by", "boss@hangang")[0] == 0
    assert officegate("policy", "wave", "back", "--by", "chief@hangang")[0] == 0
    waves()
    assert officegate("policy", "wave", "next")[0] == 0

    told = officegate("audit", "show")[1].splitlines()
    for what, said in (
        ("wave-held", f'by="chief@hangang, {operator()}"'),
        ("wave-moved", f'by="boss@hangang, {operator()}"'),
        ("wave-taken-back", f'why="chief@hangang, {operator()}"'),
        ("wave-moved", f'by="{operator()}"'),
    ):
        assert len([line for line in told if f'what="policy.{what}"' in line and said in line]) == 1, what


def test_who_is_held_to_zones_or_nobody_moves_no_waves(
    officegate: Run, office: Path, monkeypatch: pytest.MonkeyPatch
):
    office.write_text(OPEN + "  - {id: boss, permit: [network:git], who: [user:boss@hangang]}\n", "utf-8")
    assert officegate("policy", "publish", office, "--waves", "1%,10%,100%", "--pause", "1h")[0] == 0
    monkeypatch.setattr(StoredPolicies, "zones_of", lambda _shelf, _user: frozenset({"research"}))

    for move in ("next", "hold", "back"):
        status, _, complaint = officegate("policy", "wave", move, "--by", "chief@hangang")
        assert (status, "the zones you answer for" in complaint) == (1, True)
        status, _, complaint = officegate("policy", "wave", move, "--by", "nobody@hangang")
        assert (status, "is named nobody" in complaint) == (1, True)
    assert officegate("policy", "wave", "show")[1].startswith("* 1%")


def test_what_takes_too_much_waits_for_a_second_person_in_waves_too(officegate: Run, office: Path):
    assert officegate("policy", "publish", office, "--waves", "1%,100%", "--by", "boss@hangang")[0] == 3
    assert officegate("policy", "wave", "show")[1] == "No publication is on its way in waves.\n"


def test_a_draft_with_mistakes_is_kept_and_not_published(officegate: Run, office: Path):
    office.write_text("version: 1\nrulez: []\n", "utf-8")

    assert officegate("policy", "draft", "save", office)[0] == 0
    assert officegate("policy", "publish", "--draft", 1)[0] == 1
    assert officegate("policy", "diff", office)[0] == 1
    assert officegate("policy", "draft", "drop", 1)[0] == 0
    assert officegate("policy", "draft", "show", 1)[0] == 1


def test_a_preview_is_of_a_moment_in_the_zone_of_the_installation_unless_it_says_another(
    officegate: Run, office: Path
):
    assert officegate("policy", "preview", office, "--at", "2026-12-24 18:00")[0] == 0
    assert officegate("policy", "preview", office, "--at", "2026-12-24T18:00:00+09:00")[0] == 0
    assert officegate("policy", "preview", office, "--at", "christmas")[0] == 2


def test_a_file_that_cannot_be_written_is_said_and_not_a_bug(officegate: Run, office: Path, tmp_path: Path):
    status, shown, complaint = officegate("policy", "pull", tmp_path / "nowhere" / "policy.yaml")

    assert (status, shown) == (1, "")
    assert "cannot be written: No such file or directory" in complaint

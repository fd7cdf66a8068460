from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.access.commands.conftest import Run

GOOD = """\
version: 1
rules:
  - id: everyone
    permit: [login:portal]
    who: [organization:hangang]
tests:
  - name: everyone may use the portal
    who: {organization: hangang}
    facts: {via: portal, now: "2026-11-23T09:00:00+09:00"}
    accept: [login:portal]
"""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(GOOD, "utf-8")
    return path


def test_a_good_document_is_checked_tested_published_and_shown(officegate: Run, document: Path):
    assert officegate("policy", "check", document) == (0, f"{document}: no mistakes\n", "")
    assert officegate("policy", "test", document) == (0, f"{document}: 1 test passed\n", "")

    status, printed, _ = officegate("policy", "publish", document, "--author", "minjun", "--note", "처음")
    assert status == 0
    assert printed.endswith(" published\n")

    assert officegate("policy", "show") == (0, GOOD, "")
    _, history, _ = officegate("policy", "show", "--history")
    assert history.startswith("* ")
    assert history.endswith("  minjun  처음\n")
    assert officegate("policy", "show", history.split()[1])[1] == GOOD


def test_publishing_again_changes_nothing(officegate: Run, document: Path):
    officegate("policy", "publish", document)

    status, printed, _ = officegate("policy", "publish", document)

    assert status == 0
    assert printed.endswith(" in force already\n")


def test_a_mistake_is_named_with_its_line_and_nothing_is_published(officegate: Run, document: Path):
    document.write_text(GOOD.replace("organization:hangang", "group:hangang/nobody"), "utf-8")

    for command in ("check", "test", "publish"):
        status, _, complaint = officegate("policy", command, document)
        assert status == 1
        assert f"{document}: line 3: there is no group 'hangang/nobody'" in complaint
    assert officegate("policy", "show")[0] == 1


def test_a_broken_promise_is_named_and_nothing_is_published(officegate: Run, document: Path):
    document.write_text(GOOD.replace("accept:", "deny:"), "utf-8")

    assert officegate("policy", "check", document)[0] == 0
    for command in ("test", "publish"):
        status, _, complaint = officegate("policy", command, document)
        assert status == 1
        assert "everyone may use the portal: login:portal is permitted by everyone" in complaint
    assert officegate("policy", "show")[0] == 1


def test_rules_that_no_test_guards_are_named(officegate: Run, document: Path):
    assert officegate("policy", "test", document, "--mutations") == (
        0,
        f"{document}: 1 test passed\n{document}: every change to any of 1 rule fails a test\n",
        "",
    )

    second = "  - {id: extra, permit: [login:vpn], who: [organization:hangang], when: {via: vpn}}\ntests:"
    document.write_text(GOOD.replace("tests:", second), "utf-8")
    status, _, complaint = officegate("policy", "test", document, "--mutations")

    assert status == 1
    changes = "is taken away, is turned round, does not ask for via"
    assert f"{document}: line 6: no test notices when 'extra' {changes}\n" in complaint
    assert "1 of 2 rules could change without any test failing" in complaint


# What ends lies ahead of the clock, whatever it shows.
YEAR = datetime.now(UTC).year + 2
ENDING = GOOD.replace(
    "who: [organization:hangang]", f'who: [organization:hangang]\n    valid_to: "{YEAR}-06-01T00:00:00Z"'
)


def test_whose_access_ends_is_told_for_a_file_and_for_the_policy_in_force(officegate: Run, document: Path):
    assert officegate("policy", "ends")[0] == 1
    document.write_text(ENDING, "utf-8")

    from_file = officegate("policy", "ends", document, "--until", f"{YEAR}-12-31")
    officegate("policy", "publish", document)
    in_force = officegate("policy", "ends", "--until", f"{YEAR}-12-31")

    assert from_file == in_force
    assert from_file[0] == 0
    rule, test = from_file[1].splitlines()
    assert rule == f"{YEAR}-06-01 09:00  rule everyone ends"
    assert test.endswith("test 'everyone may use the portal' will break")
    assert officegate("policy", "ends")[1].startswith("Nothing ends until ")


def test_a_test_that_will_fail_is_named_and_fails_the_command(officegate: Run, document: Path):
    assert officegate("policy", "test", document, "--at", f"{YEAR}-12-31")[0] == 0
    document.write_text(ENDING, "utf-8")

    assert officegate("policy", "test", document)[0] == 0
    status, _, complaint = officegate("policy", "test", document, "--at", f"{YEAR}-12-31")

    assert status == 1
    assert "everyone may use the portal: login:portal is denied: CONDITION_FAILED" in complaint
    assert f"1 of its tests will fail in the week after {YEAR}-12-31 00:00" in complaint


def test_a_document_written_over_an_older_revision_is_refused(officegate: Run, document: Path):
    officegate("policy", "publish", document)
    first = officegate("policy", "show", "--history")[1].split()[1]
    document.write_text(GOOD + "# second\n", "utf-8")
    officegate("policy", "publish", document)
    document.write_text(GOOD + "# third\n", "utf-8")

    status, _, complaint = officegate("policy", "publish", document, "--over", first)

    assert status == 1
    assert "another revision is in force" in complaint
    assert officegate("policy", "show")[1] == GOOD + "# second\n"


def test_without_a_policy_the_command_says_what_that_means(officegate: Run):
    status, _, complaint = officegate("policy", "show")

    assert status == 1
    assert "nobody may do anything" in complaint


def test_an_unknown_revision_is_said_to_be(officegate: Run):
    assert "officegate policy show --history" in officegate("policy", "show", "ffff")[2]


def test_a_document_in_another_encoding_is_refused_with_its_line(officegate: Run, document: Path):
    document.write_bytes(b"version: 1\n# \xc7\xd1\xb0\xad\n")

    status, _, complaint = officegate("policy", "check", document)

    assert status == 1
    assert "line 2 is not UTF-8" in complaint


def test_publishing_stands_in_the_audit(officegate: Run, document: Path):
    officegate("policy", "publish", document, "--author", "minjun")

    status, printed, _ = officegate("audit", "show")

    assert status == 0
    assert 'what="policy.published"' in printed
    assert 'author="minjun"' in printed


ZONES = """\
networks: {web: {organization: hangang, to: [10.2.0.0/24]}}
zones:
  business: {title: {ko: 업무망, en: Business}, holds: [login:wired], vlans: [staff]}
  internet: {holds: [network:web]}
rules:
  - id: moving
    permit: [network:web]
    who: [organization:hangang]
    crosses: [business]
    owner: kim
    reason: The web moves
    valid_to: "2020-12-01T00:00:00+09:00"
"""


def test_zones_and_their_exceptions_are_listed(officegate: Run, document: Path):
    assert officegate("policy", "zones")[1] == "The policy in force has no zones.\n"
    document.write_text(GOOD.replace("rules:\n", ZONES), "utf-8")
    assert officegate("policy", "publish", document)[0] == 0

    status, printed, _ = officegate("policy", "zones")

    assert status == 0
    assert printed.splitlines() == [
        "business (업무망): login:wired, VLAN staff",
        "internet: network:web",
        "exception moving: internet beside business until 2020-12-01 00:00, over, kim: The web moves",
    ]

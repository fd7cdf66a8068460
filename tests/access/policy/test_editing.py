"""Programs change a document, and everything that people wrote around it stays where it is."""

import difflib
import re
import unicodedata
from functools import cache
from pathlib import Path

import pytest

from access.policy import editing, tree
from access.policy.document import load
from access.policy.editing import BadEdit, add_rule, change_rule, remove_rule, set_value
from access.policy.vocabulary import PolicyErrors

TEXT = """\
# The office of Hangang. 한강 사무실
version: 1   # for ever

networks:    # what there is
  intranet: {organization: hangang, to: [10.99.0.0/25], ports: [tcp/443]}   # the web
  # payroll moves in March
  payroll:
    organization: hangang
    to:
      - 10.99.0.144/28    # second floor
      # - 10.99.0.160/28
      - "2001:db8::/64"

rules:
  # Everyone has the intranet,
  # whoever they are.
  - id: everyone   # really
    permit: [network:intranet]
    who: [organization:hangang]

  # Accounting
  - id: accounting
    permit: [network:payroll]   # nothing else
    who:
      - group:hangang/accounting
      # interns do not count
      - 'user:kim@hangang'
    when: {otp_age: 8h}   # a day's work
    reason: >
      They pay us,
      every month.
  # the end of the rules

# What is promised
tests:
  - name: somebody
    who: {organization: hangang}
    facts: {now: "2026-11-23T09:00:00+09:00"}
    accept: [network:intranet]
# the last line
"""
PAGE = (Path(__file__).parents[3] / "docs" / "policy.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
NEW = {
    "id": "auditors",
    "permit": ["network:payroll"],
    "who": ["user:lee@hangang"],
    "when": {"otp_age": "1h"},
    "valid_to": "2026-12-01T00:00:00+09:00",
    "reason": {"ko": "11월 감사: 끝나면 지웁니다", "en": "The audit, #7"},
}


def lines_changed(before: str, after: str) -> list[str]:
    changed = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in changed if line[0] in "+-"]


def comments(text: str) -> list[str]:
    return re.findall(r"#[^\n]*", text)


def test_a_rule_is_added_behind_the_others_and_nothing_else_moves():
    edited = add_rule(TEXT, NEW)

    assert lines_changed(TEXT, edited) == [
        "+   - id: auditors",
        "+     permit: [network:payroll]",
        "+     who: [user:lee@hangang]",
        "+     when: {otp_age: 1h}",
        '+     valid_to: "2026-12-01T00:00:00+09:00"',
        '+     reason: {ko: "11월 감사: 끝나면 지웁니다", en: "The audit, #7"}',
    ]
    assert [rule.id for rule in load(edited).rules] == ["everyone", "accounting", "auditors"]
    assert load(edited).rules[2].reason.en == "The audit, #7"


def test_a_value_is_changed_in_its_line():
    edited = change_rule(TEXT, "accounting", "when", {"otp_age": "4h", "via": ["vpn", "wired"]})

    assert lines_changed(TEXT, edited) == [
        "-     when: {otp_age: 8h}   # a day's work",
        "+     when: {otp_age: 4h, via: [vpn, wired]}   # a day's work",
    ]


def test_a_value_deep_inside_is_changed():
    edited = set_value(TEXT, ("rules", "accounting", "when", "otp_age"), "30m")

    assert "    when: {otp_age: 30m}   # a day's work\n" in edited
    assert comments(edited) == comments(TEXT)


def test_a_key_is_added_at_the_end_of_its_table():
    edited = set_value(TEXT, ("networks", "payroll", "ports"), ["tcp/443", "icmp"])
    edited = change_rule(edited, "everyone", "owner", "it@hangang.example")
    edited = set_value(edited, ("rules", "accounting", "when", "via"), "vpn")

    assert '      - "2001:db8::/64"\n    ports: [tcp/443, icmp]\n' in edited
    assert "    who: [organization:hangang]\n    owner: it@hangang.example\n\n  # Accounting" in edited
    assert "    when: {otp_age: 8h, via: vpn}   # a day's work\n" in edited
    assert comments(edited) == comments(TEXT)


LISTED = """\
version: 1
rules:
  - id: vpn
    permit: [login:vpn]
    who:   # whom we trust
      # since the merger
      - group:hangang/a   # team A
      - group:hangang/b   # team B

      - group:hangang/c   # team C
    owner: lee
"""


def test_words_of_a_list_go_and_come_with_their_own_comments_alone():
    edited = change_rule(LISTED, "vpn", "who", ["group:hangang/a", "group:hangang/c", "user:kim@hangang"])

    assert lines_changed(LISTED, edited) == [
        "-       - group:hangang/b   # team B",
        "+       - user:kim@hangang",
    ]
    assert lines_changed(
        LISTED, change_rule(LISTED, "vpn", "who", ["group:hangang/b", "group:hangang/c"])
    ) == [
        "-       # since the merger",
        "-       - group:hangang/a   # team A",
    ]


def test_a_list_in_another_order_is_written_anew():
    edited = change_rule(LISTED, "vpn", "who", ["group:hangang/c", "group:hangang/a"])

    assert "    who: [group:hangang/c, group:hangang/a]" in edited


def test_what_is_edited_is_found_however_its_name_is_composed():
    text = LISTED.replace("id: vpn", unicodedata.normalize("NFD", "id: 재택")).replace(
        "hangang/a", "hangang/연구소"
    )

    edited = change_rule(text, "재택", "who", [unicodedata.normalize("NFD", "group:hangang/연구소")])

    assert [rule.who for rule in load(edited).rules] == [("group:hangang/연구소",)]
    assert load(change_rule(edited, unicodedata.normalize("NFD", "재택"), "owner", None)).rules[0].owner == ""
    assert "rules:" not in remove_rule(edited, "재택")


def test_a_key_is_taken_away():
    edited = change_rule(TEXT, "accounting", "reason", None)
    edited = set_value(edited, ("networks", "intranet", "ports"), None)

    assert "every month" not in edited
    assert "  intranet: {organization: hangang, to: [10.99.0.0/25]}   # the web\n" in edited
    assert comments(edited) == comments(TEXT)


def test_a_rule_goes_with_its_own_comment_and_no_other():
    edited = remove_rule(TEXT, "everyone")

    start, end = TEXT.index("  # Everyone"), TEXT.index("\n  # Accounting")
    assert edited == TEXT[:start] + TEXT[end:]


def test_the_last_rule_takes_the_section_with_it():
    edited = remove_rule(remove_rule(TEXT, "everyone"), "accounting")

    assert load(edited).rules == ()
    assert "# What is promised\n" in edited


def test_a_document_without_rules_gets_some():
    bare = "version: 1\nnetworks:\n  payroll: {organization: hangang, to: [10.99.0.144/28]}"

    assert [rule.id for rule in load(add_rule(bare, NEW)).rules] == ["auditors"]


def test_a_list_in_one_line_is_changed_too():
    flow = 'version: 1\nrules: [{id: a, permit: ["login:vpn"], who: ["organization:hangang"]}]\n'

    added = add_rule(flow, {"id": "b", "permit": "login:wired", "who": "organization:hangang"})

    assert [rule.id for rule in load(added).rules] == ["a", "b"]
    assert [rule.id for rule in load(remove_rule(added, "a")).rules] == ["b"]
    assert [rule.id for rule in load(remove_rule(added, "b")).rules] == ["a"]


def test_line_ends_of_another_system_stay():
    edited = add_rule(TEXT.replace("\n", "\r\n"), NEW)

    assert "\n" not in edited.replace("\r\n", "")


@pytest.mark.parametrize(
    "word",
    [
        "no",
        "true",
        "08:00",
        "# no comment",
        "a: b",
        "- x",
        " padded ",
        "",
        "{",
        "a, b",
        'say "so"',
        "\t",
        "한강 ok",
    ],
)
def test_any_word_comes_out_as_it_went_in(word: str):
    edited = change_rule(TEXT, "everyone", "ticket", word)

    assert set_value(edited, ("rules", "everyone", "ticket"), "X-1").count("X-1") == 1


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda: add_rule(TEXT, {**NEW, "id": "everyone"}), "id of its own"),
        (lambda: remove_rule(TEXT, "nobody"), "no 'nobody'"),
        (lambda: change_rule(TEXT, "everyone", "owner", None), "no 'owner'"),
        (lambda: change_rule(TEXT, "everyone", "id", None), "begins its entry"),
        (lambda: set_value(TEXT, ("networks", "nowhere", "to"), "x"), "no 'nowhere'"),
        (lambda: set_value(TEXT, ("version",), "2"), "section"),
    ],
)
def test_what_cannot_be_done_is_refused(edit, why: str):
    with pytest.raises(BadEdit, match=why):
        edit()


def test_what_is_no_document_is_refused():
    with pytest.raises(PolicyErrors):
        add_rule("rules: *anchor", NEW)


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever edits one text again and again has it parsed a single time: that is what takes long."""
    monkeypatch.setattr(tree, "grow", cache(tree.grow))
    monkeypatch.setattr(editing, "_root", cache(editing._root))


@pytest.mark.usefixtures("read_once")
@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_of_the_docs_survives_edits_of_all_its_rules(text: str):
    ids = re.findall(r"^  - id: (\S+)$", text, re.MULTILINE)

    assert ids
    for rule_id in ids:
        owned = change_rule(text, rule_id, "owner", "nobody@hangang")
        assert len([line for line in lines_changed(text, owned) if line[0] == "+"]) == 1
        assert set(ids) - set(re.findall(r"id: (\S+)", remove_rule(text, rule_id))) == {rule_id}
    assert remove_rule(add_rule(text, NEW), "auditors") == text

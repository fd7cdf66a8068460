"""What is no policy, in the cases that other engines' parsers and validators are tested with, in our words.

Pomerium, Open Policy Agent, Cedar, NetBird, Tailscale and Headscale: of their public tests only the situation
is taken. Each document is refused whole, with the line of the mistake: none is in force in part.
"""

import pytest

from access.model import Subject
from access.policy.document import World, check, load
from access.policy.document_tests import run
from access.policy.kept_texts import policy_of
from access.policy.vocabulary import PolicyErrors

HEAD = "version: 1\nnetworks: {server: {organization: hangang, to: [10.1.0.3/32]}}\n"
RULE = "rules:\n  - {id: x, permit: [network:server], who: [organization:hangang]%s}\n"
MOMENT = 'now: "2026-11-23T09:00:00+09:00"'


def problems(text: str) -> list[tuple[int, str]]:
    try:
        load(text)
    except PolicyErrors as refused:
        return [(each.line, each.what) for each in refused.problems]
    return []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1\n", "the document"),
        ("[{deny: {}}]\n", "the document"),
        # To Pomerium an empty policy is one, which allows nothing. Here it is a file that was cut off.
        ("{}\n", "version"),
        ("", ""),
        ("version: 2\n", "this version of the format is not known"),
        (HEAD + "allow: {and: []}\n", "'allow'"),
        (HEAD + "rules: {allow: {}}\n", "rules is a list"),
        (HEAD + "rules: [1]\n", "a rule"),
        (HEAD + "rules:\n  - {id: x, who: [organization:hangang]}\n", "neither permits nor forbids"),
        (HEAD + "rules:\n  - {id: x, audit: [network:server], who: [organization:hangang]}\n", "'audit'"),
        (HEAD + RULE.replace("permit", "forbid") % "", "has no reason"),
        (HEAD + RULE % ", forbid: [network:server], reason: both", "both permits and forbids"),
        (HEAD + RULE % ", when: {iff: []}", "'iff'"),
        (HEAD + RULE % ", when: {and: [{via: vpn}]}", "'and'"),
        (HEAD + RULE % ", when: [{via: vpn}]", "when"),
        (HEAD + RULE % ", when: {via: []}", "the list is empty"),
        (HEAD + RULE % ", when: {via: {is: vpn}}", "a list belongs here, not a table"),
        (HEAD + RULE % ", when: {via: vpn, via: wired}", "'via'"),
        (HEAD + RULE % ", when: {risk: 7}", "'7' is not known here"),
        (HEAD + RULE % ", when: {hours: ghost}", "there are no hours 'ghost'"),
        (HEAD + RULE % ", organization: namsan", "speaks for namsan"),
        (
            HEAD + RULE % "" + "  - {id: x, permit: [login:vpn], who: [organization:hangang]}\n",
            "line 4 already",
        ),
        (
            HEAD + RULE % ', valid_from: "2026-12-01T00:00:00Z", valid_to: "2026-11-01T00:00:00Z"',
            "valid_to is not",
        ),
        (HEAD + RULE % ', valid_to: "2026-12-01T00:00:00"', "is not a time with its offset"),
        (HEAD + RULE % ', valid_to: "tomorrow"', "is not a time with its offset"),
    ],
)
def test_what_is_no_document_is_refused(text, told):
    found = problems(text)

    assert found
    assert any(told in what for _, what in found), found


def test_every_mistake_is_told_at_once_with_its_line():
    """Open Policy Agent, Cedar: a module with several mistakes tells each."""
    found = problems(
        HEAD + RULE % ", when: {iff: 1, risk: 7}" + "  - {id: y, permit: [network:ghost], who: [alice]}\n"
    )

    assert [line for line, _ in found] == [4, 4, 5, 5]


BOB = Subject(2, "hangang", "bob", frozenset({"hangang/engineering"}))
WORLD = World(users={"bob@hangang": BOB}, groups={"hangang/engineering"}, organizations={"hangang"})


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ("{groups: [hangang/engineering], organization: hangang}", []),
        ("{groups: [hangang/ghosts], organization: hangang}", ["there is no group 'hangang/ghosts'"]),
        ("{organization: nowhere}", ["there is no organization 'nowhere'"]),
        ("{user: ghost@hangang}", ["there is no user 'ghost@hangang'"]),
        ("{attributes: {shoe: 44}, organization: hangang}", ["there is no attribute 'hangang/shoe'"]),
    ],
)
def test_a_promise_about_whom_nobody_knows_is_refused(who, told):
    """Headscale: a tests block that names an unknown user or group."""
    promise = f"tests:\n  - {{name: t, who: {who}, facts: {{{MOMENT}}}, accept: [network:server]}}\n"

    assert [each.what for each in check(load(HEAD + RULE % "" + promise), WORLD)] == told


def test_a_promise_that_demands_nothing_is_refused():
    """Headscale, Tailscale: a test that neither accepts nor denies."""
    text = f"tests:\n  - {{name: t, who: {{user: bob@hangang}}, facts: {{{MOMENT}}}}}\n"

    assert problems(HEAD + RULE % "" + text) == [(6, "the test neither accepts nor denies anything")]


@pytest.mark.parametrize(
    ("demands", "told"),
    [
        ("accept: [network:server]", []),
        ("accept: [network:server], deny: [network:server]", ["network:server is permitted by x"]),
        ("deny: [login:vpn]", []),
    ],
)
def test_a_promise_that_accepts_and_denies_the_same_is_never_kept(demands, told):
    """Headscale, Tailscale: what is accepted, what is denied, and what is both."""
    text = f"tests:\n  - {{name: t, who: {{user: bob@hangang}}, facts: {{{MOMENT}}}, {demands}}}\n"

    assert [str(each.what) for each in run(policy_of(HEAD + RULE % "" + text), WORLD)] == told

"""One company's part of the policy: what its administrators read, may change and are told."""

from dataclasses import replace

import pytest

from access.changes import company_policy
from access.changes.company_policy import EMPTY, CompanyPart, NotYours, part_in
from access.errors import Refused
from access.model import Facts, Method, Request, Subject, Via
from access.policy.compiled import compile
from access.policy.decide import decide
from access.policy.document import load
from access.policy.document_tests import TestFailure
from access.policy.earlier_parts import Versions
from access.policy.part_text import lines_of, read_part
from access.policy.standing import Standing, StandingKind
from access.policy.vocabulary import PolicyErrors, Problem
from access.words.phrase import say
from access.words.text_mistakes import TextMistake
from access.words.world_mistakes import Failure
from tests.access.policy.test_parts import TEXT

OURS = CompanyPart(TEXT, "namsan")
SECRETS = ("hangang/vpn-users", "staff of hangang", "both", "printer", "10.99.0", "intranet'")


def saved(part: str) -> str:
    merged = OURS.merged(part)
    OURS.refuse_beyond(load(merged))
    return merged


def test_their_own_part_may_be_changed_and_nothing_else_changes_with_it():
    part = OURS.shown().replace("group:namsan/staff]\n    when", "group:namsan/other]\n    when")

    merged = saved(part)

    assert "group:namsan/other" in merged
    assert (
        merged.replace("group:namsan/other", "group:namsan/staff").splitlines()[:8] == TEXT.splitlines()[:8]
    )
    assert CompanyPart(merged, "hangang").shown() == CompanyPart(TEXT, "hangang").shown()


RULE = "  - id: new\n    permit: [{}]\n    who: ['{}']\n"


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (RULE.format("network:intranet", "organization:namsan"), "new"),
        (RULE.format("login:vpn", "organization:hangang"), "new"),
        (RULE.format("login:vpn", "endpoint:00-11-22-aa-bb-cc"), "new"),
        (RULE.format("login:vpn", "realm:partner"), "new"),
        ("  - {id: both, permit: [login:vpn], who: [organization:namsan]}\n", "both"),
        ("  - {id: guarded, permit: [login:vpn], who: [organization:namsan]}\n", "guarded"),
        (
            "  - {id: new, forbid: [login:wired], who: ['endpoint:00-11-22-aa-bb-cc'], organization: namsan,"
            " reason: no}\n",
            "new",
        ),
        # By an endpoint or a realm, which are anybody's, others would be stopped or shut out.
        (
            "  - {id: new, forbid: [network:intranet], who: ['realm:partner'], organization: namsan,"
            " reason: no}\n",
            "new",
        ),
        ("  - {id: new, permit: [login:portal], who: ['realm:partner'], organization: namsan}\n", "new"),
        (
            "  - {id: new, permit: [login:portal, network:wiki], organization: namsan,"
            " who: [organization:namsan, 'endpoint:00-11-22-aa-bb-cc']}\n",
            "new",
        ),
    ],
)
def test_a_rule_that_speaks_for_others_is_refused_by_its_name(rule: str, named: str):
    part = OURS.shown().replace("rules:\n", f"rules:\n{rule}")

    with pytest.raises(NotYours, match=f"rule '{named}'") as refused:
        saved(part)

    assert not any(secret in str(refused.value) for secret in SECRETS if secret != named)


@pytest.mark.parametrize(
    "rule",
    [
        "  - {id: new, forbid: [network:wiki], who: ['realm:partner'], reason: no}\n",
        "  - {id: new, forbid: [network:intranet], who: [organization:namsan], organization: namsan,"
        " reason: no}\n",
        "  - {id: new, permit: [login:wired], who: ['endpoint:00-11-22-aa-bb-cc'], organization: namsan}\n",
        "  - {id: new, permit: [login:portal], who: [group:namsan/staff]}\n",
    ],
)
def test_what_is_at_their_own_door_or_about_their_own_people_is_theirs(rule: str):
    assert "id: new" in saved(OURS.shown().replace("rules:\n", f"rules:\n{rule}"))


def test_a_network_cannot_be_given_to_or_taken_from_another_company():
    with pytest.raises(NotYours, match="network 'wiki'"):
        saved(OURS.shown().replace("organization: namsan, to", "organization: hangang, to"))
    with pytest.raises(NotYours, match="network 'intranet'"):
        saved(
            OURS.shown().replace("  wiki:", "  intranet: {organization: namsan, to: [10.1.0.0/24]}\n  wiki:")
        )


def told(part: str) -> tuple[str, ...]:
    merged = OURS.merged(part)
    with pytest.raises(PolicyErrors) as caught:
        load(merged)
    found = OURS.told(merged, caught.value.problems, part)
    assert not any(secret in each.ko for secret in SECRETS for each in found)
    return tuple(each.en for each in found)


def test_a_mistake_of_their_own_is_told_with_its_entry():
    found = told(OURS.shown().replace("when: {hours: day}", "when: {otp_age: long}"))

    assert found == (
        "rule 'namsan-vpn': 'long' is not a duration; write a number and s, m, h or d, such as 12h",
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # A name that is not there leads to no list of those of others.
        ("network:wiki", "network:wikis", "rule 'wiki-readers': there is no object 'network:wikis'"),
        ("hours: day}", "hours: dai}", "rule 'namsan-vpn': there are no hours 'dai'"),
        (
            "10.98.0.0/24",
            "10.99.0.64/28",
            "network 'wiki': it does not fit with what another organization has",
        ),
        (
            "  wiki:",
            "  wikis:",
            "something that another organization has written does not fit with it any more",
        ),
    ],
)
def test_what_clashes_with_others_is_told_without_what_they_have(before: str, after: str, expected: str):
    found = told(OURS.shown().replace(before, after))

    assert any(finding.startswith(expected) for finding in found), found
    assert not any("did you mean" in finding for finding in found)
    assert not any(secret in finding for secret in SECRETS for finding in found)


def test_a_test_of_theirs_that_fails_is_named_once():
    own = read_part(OURS.shown())
    line, name = next(
        (line, place.name) for line, place in lines_of(TEXT) if place in own and place.section == "tests"
    )

    (found,) = OURS.told(TEXT, [TestFailure(line, name, say(Failure.DEMANDS_NOTHING))], OURS.shown())

    assert found.en == f"test {name!r}: it neither accepts nor denies anything"
    assert found.ko == f"테스트 {name!r}: 아무것도 허용하거나 거부하지 않는 테스트입니다"


def test_a_finding_that_leads_nowhere_is_not_repeated():
    misread = Problem(1, say(TextMistake.SECOND_DOCUMENT))
    broken = TestFailure(0, "staff", say(Failure.DEMANDS_NOTHING))

    (found,) = OURS.told(TEXT, [misread, broken], OURS.shown())

    assert found.en == "something that another organization has written does not fit with it any more"
    assert found.ko == "다른 회사의 내용과 더 이상 맞지 않습니다"


def test_a_part_of_an_earlier_document_is_read_once_and_never_taken_for_another(monkeypatch):
    read: list[str] = []

    class Noting(Versions):
        def part_of(self, text: str, organization: str):
            read.append(text)
            return super().part_of(text, organization)

    monkeypatch.setattr(company_policy, "_EARLIER", {})
    monkeypatch.setattr(company_policy, "_MOST_EARLIER", 3)
    monkeypatch.setattr(company_policy, "_VERSIONS", Noting())
    texts = [TEXT.replace("tcp/443", f"tcp/{port}") for port in (443, 8443)]
    shown = {
        (text, company): CompanyPart(text, company).shown()
        for text in texts
        for company in ("namsan", "hangang")
    }

    for _ in range(2):
        for (text, company), part in [*shown.items()][:3]:
            assert part_in(text, company) == part
    assert len(read) == 3

    # One more than are kept: the one that was asked for longest ago has gone.
    for (text, company), part in [*shown.items()]:
        assert part_in(text, company) == part
    assert len(read) == 4
    assert part_in(TEXT, "namsan") == shown[TEXT, "namsan"]
    assert len(read) == 5


def test_of_an_earlier_document_that_is_not_read_any_more_the_part_is_empty_each_time():
    for _ in range(2):
        assert part_in(TEXT + "nonsense\n", "namsan") == EMPTY
    assert part_in("", "namsan") == EMPTY


NEW_NETWORK = "networks:\n  alias: {organization: namsan, to: [ADDRESSES]}\n"
OPEN_ALIAS = "rules:\n  - {id: in, permit: [network:alias], who: [organization:namsan]}\n"
SPEAKING = (
    "rules:\n  - {id: in, permit: [network:intranet], who: [organization:namsan], organization: namsan}\n"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # The same addresses under a name of their own: all, a part, and more than that.
        ("networks:\n", NEW_NETWORK.replace("ADDRESSES", "10.99.0.0/25")),
        ("networks:\n", NEW_NETWORK.replace("ADDRESSES", "10.99.0.7/32")),
        ("networks:\n", NEW_NETWORK.replace("ADDRESSES", "10.0.0.0/8")),
        ("rules:\n", "vdi:\n  a: {organization: namsan, port: tcp/22, desktops: {one: 10.99.0.9}}\nrules:\n"),
        # The other company's name, as it is written and as it sounds.
        ("  wiki:", "  intranet:"),
        ("networks:\n", "networks:\n  INTRANET: {organization: namsan, to: [10.99.0.0/25]}\n"),
        # Its word.
        ("rules:\n", SPEAKING.replace("organization: namsan", "organization: hangang")),
        ("rules:\n", SPEAKING.replace("organization: namsan", "organization: Hangang")),
        ("rules:\n", SPEAKING.replace(", organization: namsan", "")),
        ("rules:\n", SPEAKING.replace("network:intranet", "network:intranet, network:wiki")),
        ("rules:\n", SPEAKING.replace("organization:namsan]", "group:hangang/vpn-users]")),
    ],
)
def test_no_part_lets_its_people_into_what_is_another_companys(old: str, new: str):
    """Refused, or without effect: the owner has to permit it too."""
    try:
        merged = saved(OURS.shown().replace(old, new, 1))
    except Refused:
        return

    policy = compile(load(merged))
    person = Subject(7, "namsan", "anna", frozenset({"namsan/staff"}))
    for object in policy.owners:
        if policy.owners[object] == "hangang":
            asked = Request(object, Facts(via=Via.VPN, method=Method.PAP))
            assert not decide(policy, person, asked, 1.8e9).permitted
    others = [each for each in policy.document.networks.values() if each.organization == "hangang"]
    own = [each for each in policy.document.networks.values() if each.organization == "namsan"]
    assert not [1 for one in others for two in own for a in one.to for b in two.to if a.overlaps(b)]


def test_a_grant_of_the_owner_does_not_speak_for_the_company_of_who_asked():
    """The owner of an object approves what somebody of another company asks for: half of what it takes."""
    person = Subject(7, "namsan", "anna", frozenset({"namsan/staff"}))
    grant = Standing(
        1,
        StandingKind.GRANT,
        who=("user:anna@namsan",),
        objects=("network:intranet",),
        organization="hangang",
        until=1.9e9,
        user_id=7,
    )
    asked = Request("network:intranet", Facts(via=Via.VPN, method=Method.PAP))

    for consents in (False, True):
        over = '  - {id: out, valid_to: "2020-01-01T00:00:00+09:00", '
        text = TEXT if consents else TEXT.replace("  - {id: out, ", over)
        policy = compile(load(text))
        policy = replace(policy, beside=policy.beside.with_changes([(1, grant)], 1, policy.document))
        assert decide(policy, person, asked, 1.8e9).permitted is consents

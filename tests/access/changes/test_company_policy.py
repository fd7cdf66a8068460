"""One company's part of the policy: what its administrators read, may change and are told."""

import pytest

from access.changes import company_policy
from access.changes.company_policy import EMPTY, CompanyPart, NotYours, part_in
from access.policy.document import load
from access.policy.vocabulary import PolicyErrors
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
    ],
)
def test_a_rule_that_speaks_for_others_is_refused_by_its_name(rule: str, named: str):
    part = OURS.shown().replace("rules:\n", f"rules:\n{rule}")

    with pytest.raises(NotYours, match=f"rule '{named}'") as refused:
        saved(part)

    assert not any(secret in str(refused.value) for secret in SECRETS if secret != named)


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
    return OURS.told(merged, map(str, caught.value.problems), part)


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
    assert not any(secret in finding for secret in SECRETS for finding in found)


def test_a_finding_that_leads_nowhere_is_not_repeated():
    assert OURS.told(TEXT, ["this is not YAML", "line 1: staff"], OURS.shown()) == (
        "something that another organization has written does not fit with it any more",
    )


def test_a_part_of_an_earlier_document_is_read_once_and_never_taken_for_another(monkeypatch):
    read: list[str] = []

    def noting(text: str, growing):
        read.append(text)
        return load(text, growing)

    monkeypatch.setattr(company_policy, "_EARLIER", {})
    monkeypatch.setattr(company_policy, "_MOST_EARLIER", 3)
    monkeypatch.setattr(company_policy, "load", noting)
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

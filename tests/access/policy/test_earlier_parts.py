"""A part of one version of the document after another is the same as if each were read alone."""

from functools import cache
from random import Random

import pytest

from access.policy import earlier_parts
from access.policy.document import load
from access.policy.earlier_parts import Versions
from access.policy.part_text import part_of
from access.policy.parts import owned_places
from access.policy.vocabulary import PolicyErrors
from tests.access.policy.test_parts import TEXT

COMPANIES = ("namsan", "hangang")


whole = cache(load)


@cache
def alone(text: str, organization: str):
    return part_of(text, owned_places(whole(text), organization))


def version(random: Random) -> str:
    """A document of two companies: the same entries in all, as many as chance leaves, and their owners."""
    owners = [random.choice(COMPANIES) for _ in range(3)]
    lines = ["version: 1", "networks:"]
    lines += [
        f"  n{number}: {{organization: {owner}, to: [10.9{number}.0.0/24]}}"
        for number, owner in enumerate(owners)
    ]
    lines.append("rules:")
    lines.append("  - {id: always, permit: [login:vpn], who: [organization:namsan]}")
    for number in random.sample(range(6), random.randrange(1, 6)):
        who = random.choice(COMPANIES)
        lines += [
            f"  - id: r{number}",
            f"    permit: [network:n{number % 3}]",
            f"    who: [organization:{who}]",
        ]
        lines += random.choice(([], ["    # a word"]))
    if random.random() < 0.5:
        lines += [
            "tests:",
            "  - name: t",
            f"    who: {{organization: {random.choice(COMPANIES)}, groups: [a/b]}}",
        ]
        lines += ['    facts: {via: vpn, now: "2026-11-23T09:00:00+09:00"}', "    accept: [network:n0]"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(8))
def test_whatever_differs_and_in_whatever_order_they_are_asked_for(seed):
    random, versions = Random(seed), Versions()
    known = [version(random) for _ in range(8)]

    for _ in range(30):
        text, company = random.choice(known), random.choice(COMPANIES)
        part = versions.part_of(text, company)
        assert [*part.items()] == [*alone(text, company).items()], text


def test_of_a_version_only_the_rules_and_tests_are_read_that_no_other_had(monkeypatch):
    read: list[int] = []

    def counted(text, growing):
        document = load(text, growing)
        read.append(len(document.rules))
        return document

    monkeypatch.setattr(earlier_parts, "load", counted)
    versions = Versions()
    versions.part_of(TEXT, "namsan")
    more = TEXT.replace("rules:\n", "rules:\n  - {id: new, permit: [login:vpn], who: [group:namsan/x]}\n")

    assert versions.part_of(more, "namsan") == alone(more, "namsan")
    assert versions.part_of(TEXT, "hangang") == alone(TEXT, "hangang")
    assert read == [len(load(TEXT).rules), 1, 0]


@pytest.mark.parametrize(
    "broken", [TEXT.replace("permit: [login:vpn]", "permit: [login:moon]"), "rules: [", ""]
)
def test_what_cannot_be_read_is_refused_and_spoils_nothing(broken):
    versions = Versions()
    versions.part_of(TEXT, "namsan")

    with pytest.raises(PolicyErrors):
        versions.part_of(broken, "namsan")

    assert versions.part_of(TEXT, "namsan") == alone(TEXT, "namsan")


def test_a_text_that_cannot_be_cut_is_read_whole():
    flow = "{version: 1, networks: {n: {organization: namsan, to: [10.9.0.0/24]}}}"

    assert Versions().part_of(flow, "namsan") == alone(flow, "namsan")

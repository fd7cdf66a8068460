"""Groups that the document computes, attributes, and groups that somebody is in until a moment."""

from random import Random

import pytest

from access.model import Facts, Reason, Request, Subject, Via
from access.policy.carrying import groups_of
from access.policy.decide import decide
from access.policy.document import World, check, load
from access.policy.edges import reach
from access.policy.explain import explain
from access.policy.kept_texts import policy_of
from access.policy.standing import Standing, StandingKind
from access.policy.vocabulary import PolicyErrors
from tests.access.policy.samples import MONDAY_9

NETWORKS = """\
version: 1
networks: {git: {organization: hangang, to: [10.99.0.0/24]}}
"""
DOCUMENT = (
    NETWORKS
    + """\
groups:
  field: {organization: hangang, all: [group:hangang/builders], but: [group:hangang/interns]}
  builders: {organization: hangang, any: [group:hangang/Engineers, "attribute:hangang/Department=연구소"]}
rules:
  - id: vpn
    permit: [login:vpn]
    who: [organization:hangang]
  - id: git
    permit: [network:git]
    who: [group:hangang/field]
"""
)
ON_VPN = Facts(via=Via.VPN)
RESEARCH = frozenset({"department=연구소"})


def somebody(*groups: str, attributes: frozenset[str] = frozenset(), **more) -> Subject:
    return Subject(
        1, "hangang", "kim", frozenset(f"hangang/{group}" for group in groups), attributes=attributes, **more
    )


def has_git(subject: Subject, text: str = DOCUMENT, now: float = MONDAY_9) -> bool:
    policy = policy_of(text)
    decided = decide(policy, subject, Request("network:git", ON_VPN), now).permitted
    assert ("network:git" in reach(policy, subject, ON_VPN, now).objects) == decided
    return decided


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (somebody("engineers"), True),
        (somebody(attributes=RESEARCH), True),
        (somebody("engineers", "interns"), False),
        (somebody("interns", attributes=RESEARCH), False),
        (somebody(attributes=frozenset({"title=연구소", "department=영업"})), False),
        (somebody(), False),
    ],
)
def test_somebody_is_in_a_group_by_what_it_is_computed_of(subject: Subject, expected: bool):
    assert has_git(subject) is expected


def test_a_group_of_a_directory_with_the_same_name_lends_nobody_its_rights():
    assert not has_git(somebody("field"))
    assert not has_git(somebody("builders"))


def test_an_attribute_of_another_company_is_another_one():
    stranger = Subject(2, "namsan", "lee", attributes=RESEARCH)

    assert not has_git(stranger)


def test_an_attribute_stands_in_a_rule_too():
    text = DOCUMENT.replace("group:hangang/field", "attribute:hangang/department=연구소")

    assert has_git(somebody(attributes=RESEARCH), text)
    assert not has_git(somebody("engineers"), text)


def test_a_group_that_ends_counts_until_its_second_and_no_longer():
    contractor = somebody(ending=(("hangang/engineers", MONDAY_9 + 60), ("hangang/other", MONDAY_9 + 30)))
    policy = policy_of(DOCUMENT)
    asked = Request("network:git", ON_VPN)

    assert has_git(contractor, now=MONDAY_9 + 59.9)
    assert not has_git(contractor, now=MONDAY_9 + 60)
    assert decide(policy, contractor, asked, MONDAY_9).valid_until == MONDAY_9 + 30
    assert decide(policy, contractor, asked, MONDAY_9 + 30).valid_until == MONDAY_9 + 60
    assert reach(policy, contractor, ON_VPN, MONDAY_9 + 30).valid_until == MONDAY_9 + 60
    assert decide(policy, contractor, asked, MONDAY_9 + 60).valid_until is None


def test_a_group_that_ends_takes_what_it_forbade_with_it():
    intern = somebody("engineers", ending=(("hangang/interns", MONDAY_9),))

    assert not has_git(intern, now=MONDAY_9 - 1)
    assert has_git(intern, now=MONDAY_9)


def test_the_explanation_sees_a_computed_group():
    explanation = explain(
        policy_of(DOCUMENT), somebody("engineers"), Request("network:git", ON_VPN), MONDAY_9
    )

    assert explanation.decision.reason is Reason.PERMITTED
    assert [spoken.rule for spoken in explanation.spoke] == ["git"]


def problems(text: str) -> str:
    with pytest.raises(PolicyErrors) as caught:
        load(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ("a: {organization: hangang, any: [group:hangang/a]}", "in a circle: hangang/a -> hangang/a"),
        (
            "a: {organization: hangang, any: [group:hangang/b]}, "
            "b: {organization: hangang, all: [group:hangang/c]}, "
            "c: {organization: hangang, any: [group:hangang/x], but: [group:hangang/A]}",
            "in a circle: hangang/a -> hangang/b -> hangang/c -> hangang/a",
        ),
        ("a: {organization: hangang, but: [group:hangang/x]}", "computed of nothing"),
        ("a: {organization: hangang, any: [group:namsan/x]}", "is not of hangang"),
        ("a: {organization: hangang, any: [realm:abroad]}", "can be in no computed group"),
        ("a: {organization: hangang, any: ['attribute:hangang/x']}", "nothing that an attribute says"),
        ("a: {organization: hangang, any: ['attribute:hangang/1x=y']}", "not the name of an attribute"),
        (
            "a: {organization: hangang, any: [group:hangang/x]}, "
            "A: {organization: hangang, any: [group:hangang/x]}",
            "twice",
        ),
        ("a: {organization: hangang, any: [group:hangang/x], none: x}", "has no key 'none'"),
    ],
)
def test_a_group_that_cannot_be_computed_is_refused(groups: str, said: str):
    assert said in problems(f"{NETWORKS}groups: {{{groups}}}\n")


def test_a_long_ladder_of_groups_is_refused_and_no_error_of_ours():
    ladder = "".join(
        f"  g{number}: {{organization: hangang, any: [group:hangang/g{number + 1}]}}\n"
        for number in range(1100)
    )

    assert "deeper than 32 levels" in problems(f"{NETWORKS}groups:\n{ladder}")


def test_a_test_about_somebody_in_a_computed_group_is_refused():
    promise = """\
tests:
  - name: in
    who: {groups: [hangang/field], organization: hangang}
    facts: {now: "2026-11-23T09:00:00+09:00"}
    accept: [network:git]
"""
    assert "hangang/field is computed" in problems(DOCUMENT + promise)


def test_the_check_knows_the_names_of_this_world():
    world = World(
        groups=frozenset({"hangang/engineers", "hangang/field"}),
        users={"kim@hangang": somebody(attributes=frozenset({"departmant=x"}))},
        organizations=frozenset({"hangang"}),
    )

    said = [str(problem) for problem in check(load(DOCUMENT), world)]

    assert any("a directory has a group 'hangang/field' already" in each for each in said)
    assert any("there is no group 'hangang/interns'" in each for each in said)
    assert any("no attribute 'hangang/department'; did you mean hangang/departmant?" in each for each in said)


def test_groups_that_computed_ones_are_made_of_carry_rights():
    assert groups_of("hangang", load(DOCUMENT), ()) >= {"engineers", "interns"}


@pytest.mark.parametrize("seed", range(20))
def test_the_order_in_which_groups_stand_changes_nobodys(seed: int):
    random = Random(seed)
    names = [f"g{number}" for number in range(8)]
    lines = []
    for number, name in enumerate(names):
        below = [f"group:hangang/{each}" for each in (*names[:number], "x", "y", "z")]
        terms = {
            key: random.sample(below, random.randint(1, 2)) for key in random.sample(("any", "all", "but"), 2)
        }
        terms.setdefault("any", [random.choice(below)])
        spelt = ", ".join(f"{key}: [{', '.join(each)}]" for key, each in terms.items())
        lines.append(f"  {name}: {{organization: hangang, {spelt}}}\n")
    subject = somebody(*random.sample(("x", "y", "z"), random.randint(0, 3)))

    def keys(lines: list[str]) -> frozenset[str]:
        return policy_of(f"{NETWORKS}groups:\n{''.join(lines)}").keys_of(subject)

    assert keys(lines) == keys(random.sample(lines, len(lines))) == naive(lines, subject)


def naive(lines: list[str], subject: Subject) -> frozenset[str]:
    document = load(f"{NETWORKS}groups:\n{''.join(sorted(lines))}")
    keys = set(policy_of(NETWORKS).keys_of(subject))
    for group in sorted(document.groups.values(), key=lambda each: each.name):
        if (not group.any or keys & {*group.any}) and {*group.all} <= keys and not keys & {*group.but}:
            keys.add(f"group:{group.name}")
    return frozenset(keys)


LEFT_OUT = (
    NETWORKS
    + """\
groups:
  outsiders: {organization: hangang, any: ["attribute:hangang/kind=contractor", group:hangang/guests]}
  own: {organization: hangang, any: [group:hangang/engineers], but: [group:hangang/outsiders]}
rules:
  - {id: vpn, permit: [login:vpn], who: [organization:hangang]}
  - {id: git, permit: [network:git], who: [RULE]}
"""
)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [({"kind=employee"}, True), ({"kind=contractor"}, False), ({"title=kind"}, False), (set(), False)],
)
def test_nobody_is_permitted_of_whom_the_attribute_is_missing_that_would_leave_them_out(attributes, expected):
    person = somebody("engineers", attributes=frozenset(attributes))

    assert has_git(person, LEFT_OUT.replace("RULE", "group:hangang/own")) is expected


@pytest.mark.parametrize("attributes", [{"kind=employee"}, set()])
def test_a_forbid_means_also_whoever_is_doubted(attributes):
    """Otherwise a value that vanishes would lift it."""
    text = LEFT_OUT.replace("RULE", "organization:hangang")
    text += "  - {id: not-git, forbid: [network:git], who: [group:hangang/own], reason: {ko: 'x', en: 'x'}}\n"
    person = somebody("engineers", attributes=frozenset(attributes))

    assert not has_git(person, text)
    assert has_git(somebody("engineers", attributes=frozenset({"kind=contractor"})), text)


def test_people_who_are_not_asked_about_are_not_doubted():
    text = LEFT_OUT.replace("RULE", "group:hangang/own")
    policy = policy_of(text)

    assert not any("own" in key for key in policy.keys_of(somebody()))
    assert "doubted:group:hangang/own" in policy.keys_of(somebody("engineers"))
    assert "doubted:group:hangang/own" not in policy.keys_of(somebody("engineers", "guests"))


def test_a_containment_of_a_group_means_also_whoever_is_doubted():
    text = LEFT_OUT.replace("RULE", "organization:hangang")
    contained = Standing(
        1, StandingKind.CONTAINMENT, ("group:hangang/own",), ("*",), None, MONDAY_9 + 60, created_at=0.0
    )
    policy = policy_of(text).with_standing([(1, contained)], 1)
    asked = Request("network:git", ON_VPN)

    assert decide(policy, somebody("engineers"), asked, MONDAY_9).reason is Reason.CONTAINED
    assert decide(policy, somebody("guests", "engineers"), asked, MONDAY_9).permitted


def test_what_is_missing_lends_nobody_access():
    """Groups at random, of groups and attributes: whoever loses all values of one never gains by a permit."""
    random = Random(5)
    gained = lost = 0
    for _ in range(100):
        policy = policy_of(_random_groups(random))
        values = frozenset(random.sample(("a=1", "a=2", "b=1", "b=2"), random.randint(1, 3)))
        gone = random.choice(sorted(values))[0]
        left = frozenset(each for each in values if not each.startswith(gone))
        groups = random.sample(("x", "y"), random.randint(0, 2))
        before, after = (
            decide(
                policy, somebody(*groups, attributes=each), Request("network:git", ON_VPN), MONDAY_9
            ).permitted
            for each in (values, left)
        )
        gained += after and not before
        lost += before and not after
    assert (gained, lost > 5) == (0, True)


def _random_groups(random: Random) -> str:
    terms = ["group:hangang/x", "group:hangang/y"]
    terms += [f"attribute:hangang/{name}={value}" for name in "ab" for value in "12"]
    lines = []
    for number in range(3):
        some = {key: random.sample(terms, random.randint(1, 2)) for key in ("any", "but")}
        listed = ", ".join(f"{key}: [{', '.join(map(repr, each))}]" for key, each in some.items())
        lines.append(f"  g{number}: {{organization: hangang, {listed}}}")
        terms.append(f"group:hangang/g{number}")
    rules = "rules:\n  - {id: git, permit: [network:git], who: [group:hangang/g2]}\n"
    return NETWORKS + "groups:\n" + "\n".join(lines) + "\n" + rules

from random import Random

from access.model import Subject
from access.policy.computed import NOTHING_COMPUTED, Computation, computation
from access.policy.sorting import Sorting
from access.policy.subjects import keys_once
from access.policy.vocabulary import ComputedGroup
from tests.access.policy.generated import ORGANIZATIONS

GROUPS = ("hangang/a", "Hangang/B", "seorak/a", "hangang/made", "hangang/none")
TERMS = (
    *("group:hangang/a", "group:hangang/b", "user:u1@hangang", "organization:hangang"),
    *("attribute:hangang/kind=temp", "attribute:hangang/floor=3"),
)
KEYS = (*TERMS, "group:seorak/a", "group:hangang/made", "attribute:seorak/kind=temp", "user:u2@seorak")


def somebody(random: Random) -> Subject:
    number, organization = random.randint(1, 6), random.choice(ORGANIZATIONS)
    groups = frozenset(random.sample(GROUPS, random.randint(0, 3)))
    attributes = frozenset(random.sample(("kind=temp", "kind=staff", "floor=3"), random.randint(0, 1)))
    return Subject(number, organization, f"u{number}", groups, attributes=attributes)


def made_of(random: Random) -> Computation:
    any, all, but = (tuple(random.sample(TERMS, random.randint(0, 2))) for _ in range(3))
    return computation({"hangang/made": ComputedGroup("hangang/made", any, all or TERMS[:1], but)})


def test_two_of_one_sort_have_the_same_of_the_keys_that_are_looked_at():
    shared = 0
    for seed in range(80):
        random = Random(seed)
        computed = made_of(random) if seed % 3 else NOTHING_COMPUTED
        looked_at = frozenset(random.sample(KEYS, random.randint(1, 4)))
        people = [somebody(random) for _ in range(25)]
        sorting, alike = Sorting(looked_at, [computed]), {}

        for person in people:
            theirs = computed.keys(keys_once(person)) & {*looked_at, *(f"doubted:{key}" for key in looked_at)}
            known = alike.setdefault(sorting.sort_of(person), (person.organization, theirs))

            assert known == (person.organization, theirs), seed
        shared += len(people) - len(alike)
    assert shared > 100


def test_whoever_is_no_user_is_of_a_sort_of_their_own():
    sorting = Sorting(frozenset({"endpoint:02:00:5e:00:53:01"}), [NOTHING_COMPUTED])

    assert sorting.sort_of(Subject(0, "hangang", "02-00-5e-00-53-01")) is None
    assert sorting.sort_of(Subject(1, "hangang", "kim")) is not None

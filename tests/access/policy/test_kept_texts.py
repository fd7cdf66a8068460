import pytest

from access.policy.document import load
from access.policy.kept_texts import document_of, policy_of
from access.policy.vocabulary import PolicyErrors
from tests.access.policy.samples import OFFICE


def test_a_text_is_read_once_and_never_taken_for_another():
    other = OFFICE.replace("group:hangang/engineering", "group:hangang/operations")

    assert policy_of(OFFICE) is policy_of(OFFICE)
    assert document_of(OFFICE) == load(OFFICE)
    assert document_of(other) == load(other) != load(OFFICE)


def test_a_text_with_a_mistake_is_refused_each_time():
    for _ in range(2):
        with pytest.raises(PolicyErrors):
            policy_of(OFFICE + "nonsense\n")

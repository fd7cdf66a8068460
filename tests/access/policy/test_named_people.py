"""Whom a document names one by one."""

from access.policy.document import load
from access.policy.named_people import NamedPerson, people_named

TEXT = """\
version: 1
networks:
  git: {organization: hangang, to: [10.99.0.128/28]}
  lab: {organization: namsan, to: [10.98.0.0/28]}
groups:
  carers: {organization: hangang, any: [user:kim@hangang, group:hangang/staff], but: [user:lee@hangang]}
openings:
  fire: {organization: namsan, site: seoul, permit: [network:lab], who: [user:choi@namsan]}
rules:
  - {id: git, permit: [network:git], who: [group:hangang/staff, user:park@hangang]}
  - {id: both, permit: [network:git, network:lab], who: [user:kim@hangang]}
  - {id: none, permit: [network:git], who: [organization:hangang]}
"""


def test_rules_openings_and_computed_groups_name_people_and_not_their_groups():
    assert list(people_named(load(TEXT))) == [
        NamedPerson("git", "hangang", "park@hangang"),
        NamedPerson("both", "", "kim@hangang"),
        NamedPerson("openings: fire", "namsan", "choi@namsan"),
        NamedPerson("hangang/carers", "hangang", "kim@hangang"),
        NamedPerson("hangang/carers", "hangang", "lee@hangang"),
    ]

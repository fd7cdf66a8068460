"""A document made ready to be asked: rules found by object and subject key, without a scan."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from access.policy.subjects import fold
from access.policy.vocabulary import Document, Rule

_Found = Mapping[str, tuple[Rule, ...]]


@dataclass(frozen=True, slots=True)
class Policy:
    """A compiled document. by_object: object -> subject key -> rules; by_subject: subject key -> rules.

    owners has the organization of every network and pool; a login has none. limits_sessions says whether any
    rule does. Within each tuple rules are in
    the order of their ids, so that the order of the document shows nowhere.
    """

    document: Document
    owners: Mapping[str, str] = field(repr=False)
    by_object: Mapping[str, _Found] = field(repr=False)
    by_subject: _Found = field(repr=False)
    limits_sessions: bool = False

    @property
    def revision(self) -> str:
        """The hash of the document's text."""
        return self.document.revision


def compile(document: Document) -> Policy:
    """The policy of a document."""
    owners = {f"network:{network.name}": network.organization for network in document.networks.values()}
    owners |= {f"vdi:{pool.name}": pool.organization for pool in document.vdi.values()}
    by_object: dict[str, dict[str, tuple[Rule, ...]]] = {}
    by_subject: dict[str, list[Rule]] = {}
    for rule in sorted(document.rules, key=lambda rule: rule.id):
        for key in {fold(who) for who in rule.who}:
            by_subject.setdefault(key, []).append(rule)
            for object in rule.objects:
                found = by_object.setdefault(object, {})
                found[key] = (*found.get(key, ()), rule)
    limits_sessions = any(rule.gives.sessions is not None for rule in document.rules)
    found = {key: tuple(rules) for key, rules in by_subject.items()}
    return Policy(document, owners, by_object, found, limits_sessions)

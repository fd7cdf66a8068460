"""Which permits of a document have to be looked at again, and what somebody signs for who keeps one."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from hashlib import sha256
from typing import Any

from access.model import Effect
from access.policy.parts import owned_places, owners_of, speakers_of
from access.policy.touched import meaning
from access.policy.vocabulary import Document, Rule


def fingerprint(rule: Rule) -> str:
    """Return the SHA-256 of what a rule says; its id, owner, tier and reason are not part of that."""
    return sha256(repr(_plain(meaning(rule))).encode("utf-8", "surrogatepass")).hexdigest()


def permit_of(document: Document, rule_id: str) -> Rule | None:
    """Return the permit of that id, None where there is none any more."""
    found = (rule for rule in document.rules if rule.id == rule_id and rule.effect is Effect.PERMIT)
    return next(found, None)


def to_review(document: Document, before: date | None, organization: str = "") -> Iterator[Rule]:
    """Return the permits whose day is at `before` or earlier, None: all; of one organization or of all."""
    owners = owners_of(document)
    for rule in document.rules:
        due = before is None or (rule.review is not None and rule.review <= before)
        concerns = not organization or organization in speakers_of(rule, owners)
        if rule.effect is Effect.PERMIT and due and concerns:
            yield rule


def names_in(owner: str) -> list[str]:
    """Return whom the owner of a rule names, one or several with commas."""
    return [each.strip().removeprefix("user:") for each in owner.split(",")]


def rules_of(document: Document, organization: str) -> frozenset[str]:
    """Return the ids of the rules in an organization's own part of the document."""
    return frozenset(each.name for each in owned_places(document, organization) if each.section == "rules")


def _plain(value: Any) -> Any:
    """Return a value in a form that is written the same in every process."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        said = [each for each in fields(value) if each.compare and not each.name.startswith("_")]
        named = [(each.name, _plain(getattr(value, each.name))) for each in said if each.name != "line"]
        return type(value).__name__, named
    if isinstance(value, Mapping):
        return sorted((repr(_plain(key)), _plain(each)) for key, each in value.items())
    if isinstance(value, frozenset | set):
        return sorted(repr(_plain(each)) for each in value)
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return str(value) if not isinstance(value, str | int | float | bool | None) else value

"""A policy's text as values, remembered for whoever asks for the same text again, or for nearly the same.

A large document takes more than a second to be read, and a check, its preview and the publication after it
ask for the same two texts. A text that differs from one of the last two is read by what differs. A process
that only follows the policy in force keeps no more than that and the one beside it in waves.
"""

from functools import lru_cache

from access.policy.compiled import Policy, compile
from access.policy.cutting import Section
from access.policy.document import load
from access.policy.regrown import Grove
from access.policy.tree import Table
from access.policy.vocabulary import Document

_KEPT = 4
_IN_FORCE_AT_ONCE = 2
_GROVE = Grove()
# Of the parts that companies have of a document, which are written otherwise than it.
_PARTS = Grove()


@lru_cache(maxsize=_KEPT)
def policy_of(text: str) -> Policy:
    """The policy of a text, with nothing beside it. Raises PolicyErrors."""
    return compile(load(text, _GROVE.grow))


@lru_cache(maxsize=_IN_FORCE_AT_ONCE)
def followed(text: str) -> Policy:
    """The same, for a process that follows what is in force. Raises PolicyErrors."""
    return compile(load(text, _GROVE.grow))


def document_of(text: str) -> Document:
    """The document in a text. Raises PolicyErrors."""
    return policy_of(text).document


def tree_of(text: str) -> Table:
    """The tree of a text. Raises PolicyErrors."""
    return _GROVE.grow(text)


def sections_of(text: str) -> tuple[Table, list[Section]]:
    """The tree of a text and the sections it was cut into, none where it cannot be. Raises PolicyErrors."""
    return _GROVE.grown(text)


def tree_of_part(text: str) -> Table:
    """The tree of what is a company's part of a document. Raises PolicyErrors."""
    return _PARTS.grow(text)

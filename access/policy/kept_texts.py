"""A policy's text as values, remembered for whoever asks for the same text again.

A large document takes seconds to be read, and a check, its preview and the publication after it ask for the
same two texts. Only the last few are kept, and none in a process that only follows the policy in force.
"""

from functools import lru_cache

from access.policy.compiled import Policy, compile
from access.policy.document import load
from access.policy.vocabulary import Document

_KEPT = 4


@lru_cache(maxsize=_KEPT)
def policy_of(text: str) -> Policy:
    """The policy of a text, with nothing beside it. Raises PolicyErrors."""
    return compile(load(text))


def document_of(text: str) -> Document:
    """The document in a text. Raises PolicyErrors."""
    return policy_of(text).document

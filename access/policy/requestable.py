"""What the document lets people ask for, for a while."""

from access.policy import scalars
from access.policy.reading import Keys, Reader
from access.policy.tree import Node
from access.policy.vocabulary import BadValue, Requestable
from access.words.document_mistakes import SectionMistake
from access.words.value_mistakes import ValueMistake

REQUESTABLE = Keys(("owners",), ("longest", "needs", "who"))
LONGEST_S = 8 * 3600.0
NEEDS = ("purpose", "endpoint")


def read_requestable(node: Node | None, reader: Reader) -> Requestable | None:
    """What an owner lets people ask for; None where nothing is written."""
    if node is None:
        return None
    entries = reader.table(node, "requestable", REQUESTABLE)
    owners = reader.values(entries.get("owners"), scalars.user)
    if not owners:
        reader.problem(node.line, SectionMistake.NOBODY_DECIDES)
    return Requestable(
        owners,
        reader.scalar(entries.get("longest"), scalars.duration) or LONGEST_S,
        frozenset(reader.values(entries.get("needs"), need)),
        reader.values(entries.get("who"), scalars.subject),
        node.line,
    )


def need(text: str) -> str:
    """What a request has to say. Raises BadValue."""
    if text not in NEEDS:
        raise BadValue(ValueMistake.NOTHING_TO_ASK, text=text[:80], known=scalars.either(NEEDS))
    return text

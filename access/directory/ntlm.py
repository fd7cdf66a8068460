"""What is said to winbind's ntlm_auth, and what its answers mean (--helper-protocol=ntlm-server-1).

A request is a line for each parameter and a line with a dot, and so is an answer. After a refusal a second
dot may follow: what has no line before it is passed over. Winbind says why in the words of the NT status,
which have not changed in twenty years; words that are not known here say nothing about the password.
"""

from collections.abc import Sequence

from access.directory.mschap import MschapAnswer
from access.directory.verdict import PasswordOutcome
from radius import mschap
from radius.questions import MschapExchange

END = "."
FORBIDDEN = frozenset("\r\n\0")

WRONG, LOCKED, DISABLED = PasswordOutcome.WRONG, PasswordOutcome.LOCKED, PasswordOutcome.DISABLED
# A part of what is said, and what it means.
MEANINGS: tuple[tuple[str, PasswordOutcome], ...] = (
    ("current password is not correct", WRONG),
    ("attempted logon is invalid", WRONG),
    ("specified account does not exist", WRONG),
    ("automatically locked", LOCKED),
    ("currently locked out", LOCKED),
    ("currently disabled", DISABLED),
    ("account has expired", DISABLED),
    ("not authorized to log on", DISABLED),
    ("logon hours", DISABLED),
    ("password must be changed", PasswordOutcome.MUST_CHANGE),
    ("password has expired", PasswordOutcome.EXPIRED),
)


def request(name: str, domain: str, exchange: MschapExchange) -> bytes | None:
    """Return what to write for a response of this account; None for a name that would be another request."""
    if FORBIDDEN & set(name + domain) or not name:
        return None
    lines = (
        f"Username: {name}",
        f"NT-Domain: {domain}",
        f"LANMAN-Challenge: {mschap.challenge_hash(exchange).hex()}",
        f"NT-Response: {exchange.response.hex()}",
        "Request-User-Session-Key: Yes",
        END,
    )
    return "".join(f"{line}\n" for line in lines).encode()


def answer(lines: Sequence[str]) -> MschapAnswer:
    """Return what an answer says, its lines given without the dot."""
    said = dict(line.partition(": ")[::2] for line in lines)
    if said.get("Authenticated") == "Yes":
        key = _key(said.get("User-Session-Key", ""))
        return MschapAnswer(PasswordOutcome.RIGHT, key) if key else MschapAnswer(PasswordOutcome.UNAVAILABLE)
    why = said.get("Authentication-Error", "").lower()
    known = (outcome for words, outcome in MEANINGS if words in why)
    return MschapAnswer(next(known, PasswordOutcome.UNAVAILABLE))


def _key(text: str) -> bytes | None:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        return None
    return key if len(key) == mschap.KEY_OCTETS else None

"""NT hashes as Samba's schema keeps them in a directory (sambaSamAccount)."""

from collections.abc import Mapping

from access.directory.mschap import MschapAnswer
from access.directory.verdict import PasswordOutcome
from radius import mschap
from radius.questions import MschapExchange

HASH, FLAGS, KICKOFF = "sambaNTPassword", "sambaAcctFlags", "sambaKickoffTime"
MUST_CHANGE = "sambaPwdMustChange"
LOCKED = "pwdAccountLockedTime"
ATTRIBUTES = (HASH, FLAGS, KICKOFF, MUST_CHANGE, LOCKED)
# sambaAcctFlags: what stands between the brackets.
DISABLED_FLAG, LOCKED_FLAG, NO_EXPIRY_FLAG = "D", "L", "X"


def judge(attributes: Mapping[str, str], exchange: MschapExchange, now: float) -> MschapAnswer:
    """Return whether a response was made with the hash of an entry, and its owner may use it.

    attributes has the first value of each, under names in lower case.
    """
    hashed = _hash(attributes.get(HASH.lower(), ""))
    if hashed is None:
        return MschapAnswer(PasswordOutcome.NO_HASH)
    if not mschap.response_holds(exchange, hashed):
        return MschapAnswer(PasswordOutcome.WRONG)
    flags = attributes.get(FLAGS.lower(), "")
    if DISABLED_FLAG in flags or _passed(attributes, KICKOFF, now):
        return MschapAnswer(PasswordOutcome.DISABLED)
    if LOCKED_FLAG in flags or attributes.get(LOCKED.lower()):
        return MschapAnswer(PasswordOutcome.LOCKED)
    if NO_EXPIRY_FLAG not in flags and _passed(attributes, MUST_CHANGE, now):
        return MschapAnswer(PasswordOutcome.MUST_CHANGE)
    return MschapAnswer(PasswordOutcome.RIGHT, mschap.key_of(hashed))


def _hash(text: str) -> bytes | None:
    try:
        hashed = bytes.fromhex(text)
    except ValueError:
        return None
    return hashed if len(hashed) == mschap.NT_HASH_OCTETS else None


def _passed(attributes: Mapping[str, str], name: str, now: float) -> bool:
    text = attributes.get(name.lower(), "")
    return text.isdigit() and int(text) <= now

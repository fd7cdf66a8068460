"""Digits as people type them: in groups, full-width from a Korean or Japanese keyboard, or pasted."""

import unicodedata

# Longer input is not worth normalising: a code of 16 digits in groups is 19 characters.
MAX_TYPED = 64

# Space separators, dashes, and invisible format characters that come along with a paste.
_SEPARATORS = frozenset({"Zs", "Pd", "Cf"})
# Minus, and the dots in the middle of a line: Latin, Japanese, and the two that a Korean keyboard makes.
_MORE_SEPARATORS = frozenset("\t\r\n\u2212\u00b7\u2027\u30fb\u318d\u119e")


def read_digits(typed: str, count: int) -> str | None:
    """Return exactly count ASCII digits, or None when that is not what was typed.

    Full-width digits count as digits (NFKC), spaces, hyphens and middle dots of every width are ignored. The
    digits of other scripts are refused: no app shows them, and two spellings of one code help only an
    attacker.
    """
    if len(typed) > MAX_TYPED:
        return None
    folded = unicodedata.normalize("NFKC", typed)
    digits = "".join(character for character in folded if not _separates(character))
    return digits if len(digits) == count and digits.isascii() and digits.isdigit() else None


def _separates(character: str) -> bool:
    return character in _MORE_SEPARATORS or unicodedata.category(character) in _SEPARATORS

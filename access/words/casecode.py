"""Case codes: what a refused person reads out on the telephone, and the helpdesk types in.

Eight characters, shown as XXXX-XXXX: seven random ones and one that checks them. There are 29 characters: the
digits, and the letters without those that look like another (B 8, I 1, L 1, O 0, S 5, U V, Z 2); whoever
types one of them means its twin. 29 is prime, so the check finds every wrong character and every two swapped.
"""

from collections.abc import Callable

ALPHABET = "0123456789ACDEFGHJKMNPQRTVWXY"
LENGTH = 8
_TWINS = str.maketrans("BILOSUZ", "81105V2", " -_.\t")
_CODES = len(ALPHABET) ** (LENGTH - 1)


class BadCaseCode(ValueError):
    """The text is no case code: too short or long, a character that never occurs, or mistyped."""


def generate(random: Callable[[int], bytes]) -> str:
    """A new case code as it is stored, without its hyphen. random(n) gives n unguessable octets."""
    number = int.from_bytes(random(16)) % _CODES
    characters = ""
    for _ in range(LENGTH - 1):
        number, digit = divmod(number, len(ALPHABET))
        characters += ALPHABET[digit]
    return characters + _check_character(characters)


def show(code: str) -> str:
    """The code as people see it: XXXX-XXXX."""
    return f"{code[:4]}-{code[4:]}"


def parse(text: str) -> str:
    """The code in a text somebody typed, as it is stored. Raises BadCaseCode."""
    code = text.strip().upper().translate(_TWINS)
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise BadCaseCode("A case code has eight letters and digits, like 7K2M-X4QD.")
    if code[-1] != _check_character(code[:-1]):
        raise BadCaseCode(f"{show(code)} is mistyped: one of its characters is wrong, or two are swapped.")
    return code


def _check_character(characters: str) -> str:
    total = sum((place + 2) * ALPHABET.index(each) for place, each in enumerate(characters))
    return ALPHABET[total % len(ALPHABET)]

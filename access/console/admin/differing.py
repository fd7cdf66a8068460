"""What is different in two texts, line by line."""

import difflib

MOST_LINES = 400


def difference(before: str, after: str) -> list[str]:
    """The lines that are another, each behind + or -, with two around them; none where nothing is."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    return [line for line in lines if not line.startswith(("---", "+++"))][:MOST_LINES]

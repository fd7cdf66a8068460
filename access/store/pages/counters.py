"""What the RADIUS workers of this machine have counted, from the files they leave for others to read. ◆"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def counted(directory: Path) -> dict[str, dict[str, int]]:
    """Counters by worker and name; a file of another version, or just being replaced, is passed over."""
    found = {}
    for path in sorted(directory.glob("radius-*.json")):
        try:
            told = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(told, Mapping):
            found[path.stem] = dict(_flat(told))
    return found


def _flat(told: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, int]]:
    for name, value in told.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        elif isinstance(value, int) and not isinstance(value, bool):
            yield f"{above}{name}", value

"""The files that the RADIUS workers and their loader leave for others to read. ◆"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read_workers(run_dir: Path) -> dict[str, Mapping[str, Any]]:
    """What each worker tells; a file that is no JSON any more, or not yet, is passed over."""
    found = {path.stem: _read(path) for path in sorted(run_dir.glob("radius-*.json"))}
    return {name: told for name, told in found.items() if told}


def read_loader(run_dir: Path) -> Mapping[str, Any]:
    """What the loader tells; nothing where it has never run."""
    return _read(run_dir / "loader.json")


def _read(path: Path) -> Mapping[str, Any]:
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, Mapping) else {}

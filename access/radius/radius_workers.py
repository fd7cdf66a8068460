"""How many RADIUS workers there are, and where packets for each are taken. ◆"""

import os
from pathlib import Path

from access.keys.sealing import Keyring
from radius.worker import MAX_WORKERS, Worker


def worker_count(workers: int) -> int:
    """Return how many workers the setting radius.workers means."""
    return min(workers or os.cpu_count() or 1, MAX_WORKERS)


def worker_key(keyring: Keyring) -> bytes:
    """Return the key that all RADIUS workers have in common."""
    return keyring.subkey("worker")


def shared_doorway(run_dir: Path, index: int) -> Path:
    """Return where packets are taken for whichever process is this worker."""
    return run_dir / f"radius-{index}.sock"


def doorways(run_dir: Path, place: Worker) -> dict[int, Path]:
    """Return where packets for each number are taken: for a worker, or for one process alone."""
    own = {number: run_dir / f"worker-{number}.sock" for number in range(place.count, place.numbers)}
    return {index: shared_doorway(run_dir, index) for index in range(place.count)} | own

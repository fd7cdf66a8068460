"""Asks a NAS over the connection that it has with a RADIUS worker of this machine. ◆"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from access.nas.disconnect import Said
from access.nas.registry import NasClient
from radius.attributes import Attribute
from radius.dynauth import Action, NotAnAnswer, build, read_answer
from radius.limits import RADSEC_SECRET
from radius.radsec_door import ask_over, is_reached
from radius.secret import shared_secret

LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class RadSecCaller:
    """run_dir is where the workers have their doors; clock: seconds since the epoch."""

    clock: Callable[[], float]
    run_dir: Path
    deadline_s: float

    def is_reached(self, nas: NasClient) -> bool:
        """Return whether the NAS has a connection with a worker of this machine."""
        return is_reached(doors(self.run_dir), str(nas.id), LOOK_S)

    def ask(self, nas: NasClient, action: Action, attributes: tuple[Attribute, ...]) -> Said | None:
        """Return what the NAS says over its connection; None where it has none here."""
        secret = shared_secret(RADSEC_SECRET)
        # The worker that has the connection gives the request the identifier that is free there.
        request = build(action, 0, attributes, secret, self.clock())
        began = time.monotonic()
        try:
            exchange = ask_over(doors(self.run_dir), str(nas.id), request, self.deadline_s)
        except TimeoutError:
            waited_s = time.monotonic() - began
            return Said(None, words=f"no answer over its RadSec connection within {waited_s:.0f} s")
        if exchange is None:
            return None
        try:
            answer = read_answer(exchange.answer, exchange.request, secret, self.clock())
        except NotAnAnswer as error:
            return Said(None, words=f"no answer over its RadSec connection: {error}")
        return Said(answer.acknowledged, answer.cause, answer.words)


def door_path(run_dir: Path, index: int) -> Path:
    """Return where a worker takes requests for the NASes that are connected with it."""
    return run_dir / f"radsec-{index}.sock"


def doors(run_dir: Path) -> list[Path]:
    """Return the doors of every worker of this machine."""
    return sorted(run_dir.glob("radsec-*.sock"))

"""What a RADIUS worker does before it serves."""

import subprocess
import sys

from tests.layering import ROOT

KEEPS = """\
import gc
from access.commands.radius import NEW_BEFORE_A_LOOK, keep_for_good

known = [[number] for number in range(1000)]
keep_for_good()
assert gc.get_freeze_count() > len(known), "what is known is not looked through any more"
assert gc.get_threshold()[0] == NEW_BEFORE_A_LOOK

ring = []
ring.append(ring)
del ring
assert gc.collect() > 0, "what comes later still is"
"""


def test_cycles_are_not_looked_for_in_what_a_worker_knows_by_heart():
    done = subprocess.run(
        [sys.executable, "-c", KEEPS], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr

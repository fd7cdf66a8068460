"""A piece of work during which nobody looks for garbage. ◆

What refers to itself in a circle is found by looking through everything that is alive, again and again while
more is made. Of work that makes hundreds of thousands of values that are no circles, and is over in a second
or two, that is a third.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no circles until the end of the block, in whichever thread; then as before.

    Where two overlap, it is looked for again when the first of them ends.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()

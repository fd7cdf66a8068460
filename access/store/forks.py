"""What has to be renewed in a child process after a fork. ◆"""

import os
import weakref
from collections.abc import Callable


def renew_in_child(method: Callable[[], None]) -> None:
    """Call a bound method in every child that is forked from here on, as long as its object lives."""
    reference = weakref.WeakMethod(method)

    def renew() -> None:
        if (alive := reference()) is not None:
            alive()

    os.register_at_fork(after_in_child=renew)

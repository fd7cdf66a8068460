import gc

import pytest

from access.store.uncollected import uncollected


def test_nothing_is_collected_inside_and_everything_afterwards():
    assert gc.isenabled()

    with pytest.raises(RuntimeError, match="inside"), uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
        raise RuntimeError("inside")

    assert gc.isenabled()


def test_who_never_collects_does_not_begin_to():
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()

import threading
from types import SimpleNamespace

from access.gateways.tasks import Workforce
from tests.peers.waiting import wait_until

PATIENCE_S = 30.0


def test_a_session_is_asked_about_once_at_a_time_and_again_afterwards(monkeypatch):
    """A State that is given to a NAS is worth nothing any more once it is asked with another one."""
    monkeypatch.setattr("access.gateways.tasks.THREADS", {})
    begun, go_on = threading.Semaphore(0), threading.Semaphore(0)
    asked = []

    def disconnect(session_id):
        asked.append(session_id)
        begun.release()
        assert go_on.acquire(timeout=PATIENCE_S)

    app = SimpleNamespace(database=None, keyring=None, random=None, clock=None)
    workforce = Workforce(app, disconnect, owner="test")
    try:
        workforce.hear((), [7])
        assert begun.acquire(timeout=PATIENCE_S)
        workforce._end(7)
        assert asked == [7]

        go_on.release()
        wait_until(lambda: not workforce._asking, "the first to be done")
        workforce.hear((), [7])
        assert begun.acquire(timeout=PATIENCE_S)
        assert asked == [7, 7]
    finally:
        go_on.release(2)
        workforce.close()

"""What is rung comes to a worker over files and over Redis, and a silent broker holds nobody up."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker

from access.config import Settings, WorkerSettings
from access.gateways.bell import QUEUE, TASK, CeleryBell, make_celery
from tests.peers.ports import free_port
from tests.peers.redis import Redis
from tests.peers.waiting import wait_until

Heard = list[tuple[list[list[object]], list[int]]]


def settings(directory: Path, broker: str = "filesystem") -> Settings:
    return replace(Settings(), state_dir=directory, worker=WorkerSettings(broker))


@contextmanager
def hearing(of: Settings) -> Iterator[Heard]:
    """A worker in threads of this process that keeps what it hears."""
    heard: Heard = []
    celery = make_celery(of)

    @celery.task(name=TASK, shared=False)
    def hear(lanes: list[list[object]], ends: list[int]) -> None:
        heard.append((lanes, ends))

    with start_worker(celery, pool="solo", perform_ping_check=False, shutdown_timeout=60):
        yield heard


@contextmanager
def ringing(of: Settings) -> Iterator[CeleryBell]:
    bell = CeleryBell(make_celery(of))
    yield bell
    bell.close()


def assert_rung(of: Settings) -> None:
    with hearing(of) as heard, ringing(of) as bell:
        bell.ring([3], [4], [7, 8])
        wait_until(lambda: len(heard) == 1, "the first ring")
        bell.ring((), (), {9})
        wait_until(lambda: len(heard) == 2, "the second ring")

    assert heard == [([[3, "membership"], [4, "structure"]], [7, 8]), ([], [9])]


def test_over_files_a_ring_is_heard(tmp_path: Path):
    assert_rung(settings(tmp_path))


@pytest.mark.peer("redis")
def test_over_redis_a_ring_is_heard(tmp_path: Path):
    with Redis() as redis:
        assert_rung(settings(tmp_path, redis.url))


def test_what_was_rung_before_a_worker_came_is_heard_then(tmp_path: Path):
    of = settings(tmp_path)
    with ringing(of) as bell:
        bell.ring([3], [], [])

    with hearing(of) as heard:
        wait_until(lambda: bool(heard), "the ring")


def test_who_rings_does_not_wait_for_a_message_on_its_way_and_what_is_rung_meanwhile_goes_out_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    bell = CeleryBell(make_celery(settings(tmp_path)))
    sent: list[dict[str, Any]] = []
    on_its_way, arrives = threading.Event(), threading.Event()

    def send_task(_name: str, kwargs: dict[str, Any], **_how: Any) -> None:
        sent.append(kwargs)
        on_its_way.set()
        assert arrives.wait(60)

    monkeypatch.setattr(bell.celery, "send_task", send_task)
    bell.ring([0], [], [])
    assert on_its_way.wait(60)
    for number in range(1, 100):
        bell.ring([number], [], [number])
    assert len(sent) == 1
    arrives.set()
    bell.close(60)

    lanes = [(number, "membership") for number in range(100)]
    assert sent == [{"lanes": lanes[:1], "ends": []}, {"lanes": lanes[1:], "ends": list(range(1, 100))}]


def test_a_broker_that_is_away_holds_nobody_up(tmp_path: Path):
    before = threading.active_count()
    with ringing(settings(tmp_path, f"redis://127.0.0.1:{free_port()}/0")) as bell:
        for _ in range(100):
            bell.ring([1], [], [2])
    wait_until(lambda: threading.active_count() <= before, "the bell's thread to end")


def test_messages_are_for_their_owner_alone(tmp_path: Path):
    make_celery(settings(tmp_path))

    folders = [path for path in (tmp_path / "queue").iterdir() if path.is_dir()]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}


def test_a_file_that_somebody_left_half_written_stops_no_worker(tmp_path: Path):
    of = settings(tmp_path)
    make_celery(of)
    (tmp_path / "queue" / "messages" / f"1_killed.{QUEUE}.msg").touch()
    (tmp_path / "queue" / "control" / f"{QUEUE}.exchange").touch()

    assert_rung(of)


def test_a_message_is_whole_from_the_moment_it_can_be_seen(tmp_path: Path):
    """Somebody listens as hard as they can while somebody else sends."""
    celery = make_celery(settings(tmp_path))
    sent = [{"number": number, "long": "x" * 20_000} for number in range(200)]
    got: list[object] = []
    with celery.connection() as near, celery.connection() as far:
        sender = threading.Thread(target=_send_all, args=(near.default_channel, sent))
        sender.start()
        wait_until(lambda: _take_into(far.default_channel, got) == len(sent), "every message")
        sender.join()

    assert got == sent
    assert list((tmp_path / "queue" / "messages").iterdir()) == []


def _send_all(channel: Any, messages: list[dict[str, object]]) -> None:
    for message in messages:
        channel._put(QUEUE, message)


def _take_into(channel: Any, got: list[object]) -> int:
    with suppress(Empty):
        while True:
            got.append(channel._get(QUEUE))
    return len(got)

import io
import logging

import pytest
import structlog

from access import logs


@pytest.fixture
def stream() -> io.StringIO:
    out = io.StringIO()
    logs.configure("radius", out)
    return out


def test_one_event_is_one_line_of_keys_and_values(stream: io.StringIO):
    structlog.get_logger().info("accepted", user="minjun.kim", nas="vpn-1")

    (line,) = stream.getvalue().splitlines()
    assert "level=info process=radius event=accepted" in line
    assert "user=minjun.kim" in line
    assert "nas=vpn-1" in line


def test_a_name_with_a_line_break_cannot_forge_a_line(stream: io.StringIO):
    structlog.get_logger().info("refused", user="x\nlevel=info event=accepted")

    assert len(stream.getvalue().splitlines()) == 1


@pytest.mark.parametrize("key", ["password", "bind_password", "secret", "second_secret", "cookie", "seed"])
def test_a_secret_is_never_written(stream: io.StringIO, key: str):
    structlog.get_logger().info("asked", **{key: "hidden-word"})

    assert "hidden-word" not in stream.getvalue()
    assert f"{key}=(hidden)" in stream.getvalue()


def test_what_other_libraries_log_has_the_same_form(stream: io.StringIO):
    logging.getLogger("library").warning("lost %s", "something")

    (line,) = stream.getvalue().splitlines()
    assert 'level=warning process=radius event="lost something"' in line


def test_an_error_carries_where_it_came_from(stream: io.StringIO):
    try:
        raise ZeroDivisionError("nothing left")
    except ZeroDivisionError:
        structlog.get_logger().exception("stopped")

    assert "ZeroDivisionError: nothing left" in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 1

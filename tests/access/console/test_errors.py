"""What people and the log are told when a page fails."""

import structlog

from access.console import create_app
from access.console.roles import public
from access.errors import Unavailable
from tests.access.console.browser import Browser


def failing(town, error):
    """A visitor of pages of which one raises the error."""

    def page():
        raise error

    app = create_app(town.gate())
    app.add_url_rule("/failing", view_func=public(page), endpoint="failing")
    return Browser(app, town)


def test_a_mistake_of_ours_is_one_line_of_the_log_and_no_secret_of_it_is_shown(town):
    browser = failing(town, RuntimeError("s3cret"))

    with structlog.testing.capture_logs() as lines:
        answer = browser.get("/failing")

    assert answer.status_code == 500
    assert "Something went wrong on our side" in browser.page
    assert "s3cret" not in browser.page
    assert [line["event"] for line in lines] == ["page failed; this is a mistake in Officegate"]
    assert lines[0]["path"] == "/failing"
    assert lines[0]["exc_info"][0] is RuntimeError


def test_what_is_away_is_named_in_the_log_only(town):
    browser = failing(town, Unavailable("db.internal is away"))

    with structlog.testing.capture_logs() as lines:
        answer = browser.get("/failing")

    assert answer.status_code == 503
    assert "db.internal" not in browser.page
    assert [(line["event"], line["why"]) for line in lines] == [("page unavailable", "db.internal is away")]

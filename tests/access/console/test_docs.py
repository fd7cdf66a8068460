"""docs/portal.md and docs/console.md name every page there is, and none that is not."""

import re

import pytest

from tests.layering import ROOT

SHARED = ("portal.md", "console.md")


def paths_on(*names: str) -> set[str]:
    """Every path in a code span, what varies in it as *."""
    text = "\n".join((ROOT / "docs" / name).read_text("utf-8") for name in names)
    return {varying(path) for path in re.findall(r"`(?:GET |POST )?(/[^`\s?]*)[^`]*`", text)}


def varying(path: str) -> str:
    return re.sub(r"<[^>]+>|(?<=/)[A-Z_]{2,}(?=/|$)", "*", path)


@pytest.fixture
def routes(pages) -> set[str]:
    return {varying(rule.rule) for rule in pages.url_map.iter_rules() if not rule.endpoint.endswith("static")}


def test_every_page_for_administrators_stands_in_the_docs(routes):
    assert {path for path in routes if path.startswith("/console")} - paths_on("console.md") == set()


def test_every_other_page_stands_in_the_docs(routes):
    assert routes - paths_on(*SHARED) == set()


def test_the_docs_name_no_page_that_is_not_there(routes):
    ours = ("/console", "/api", "/sign", "/enrol", "/desktops", "/case", "/phones", "/reach")

    assert {path for path in paths_on(*SHARED) if path.startswith(ours)} - routes == set()

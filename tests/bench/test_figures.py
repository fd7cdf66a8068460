"""A figure is one line that says whether its budget was met; a page keeps the last run of each group."""

import pytest

from tests.bench.figures import Figure
from tests.bench.page import renewed, section

TITLES = ("One", "Two", "Three")


@pytest.mark.parametrize(
    ("figure", "line"),
    [
        (Figure("pap_cpu", 34.517, "us"), "pap_cpu 34.52 us - info"),
        (Figure("ratio", 1.0, "ratio", 1.0), "ratio 1 ratio 1 met"),
        (Figure("ratio", 1.01, "ratio", 1.0), "ratio 1.01 ratio 1 missed"),
        (Figure("rate", 1000, "logins/s", 1000, at_least=True), "rate 1000 logins/s 1000 met"),
        (Figure("rate", 999, "logins/s", 1000, at_least=True), "rate 999 logins/s 1000 missed"),
    ],
)
def test_a_line_names_value_unit_budget_and_verdict(figure, line):
    assert figure.line() == line


def test_a_part_keeps_every_line_and_the_machine():
    part = section("One", [Figure("a", 1, "s"), Figure("b", 2, "s", 1)], {"cores": "2"}, "- `a`: by hand.")

    assert "\na 1 s - info\nb 2 s 1 missed\n" in part
    assert "| cores | 2 |" in part
    assert part.endswith("- `a`: by hand.\n")


def test_a_page_keeps_the_other_groups_and_their_order():
    page = ""
    for title in ("Three", "One", "Two"):
        page = renewed(page, title, section(title, [Figure(f"of_{title}", 1, "s")], {}, ""), TITLES)

    page = renewed(page, "Two", section("Two", [Figure("anew", 1, "s")], {}, ""), TITLES)

    assert [line for line in page.splitlines() if line.startswith("## ")] == ["## One", "## Two", "## Three"]
    assert "of_One" in page and "of_Three" in page and "anew" in page
    assert "of_Two" not in page

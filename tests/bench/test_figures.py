"""A figure is one line that says whether its budget was met."""

import pytest

from tests.bench.figures import Figure, write_page


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


def test_the_page_keeps_every_line_and_the_machine():
    page = write_page([Figure("a", 1, "s"), Figure("b", 2, "s", 1)], {"cores": "2"})

    assert "\na 1 s - info\nb 2 s 1 missed\n" in page
    assert "| cores | 2 |" in page

"""What the documents say is there."""

import re
import subprocess

import pytest

from tests.layering import PACKAGES, ROOT

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)[^)]*\)")
MAKE = re.compile(r"(?:^|`|\$ )make ([a-z-]+)", re.MULTILINE)
README = (ROOT / "README.md").read_text("utf-8")
# A code span that is a path of this repository, perhaps with a pattern for file names at its end.
PATH = re.compile(r"`((?:access|deploy|docs|migrations|otp|radius|tests|vpn)/[\w./*-]*)`")
WORDS = {"help", "demo", "test", "lint", "bench", "bench-radius", "bench-identity", "bench-policy", "soak"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page):
    links = LINK.findall(page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_word_of_make_that_is_named_exists(page):
    assert set(MAKE.findall(page.read_text("utf-8"))) <= WORDS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_and_folder_that_is_named_exists(page):
    named = set(PATH.findall(page.read_text("utf-8")))

    assert {path for path in named if not any(ROOT.glob(path.rstrip("/")))} == set()


def test_the_quick_start_is_words_of_make():
    block = README.partition("\n## Quick start\n")[2].split("```")[1]
    first, *commands = block.strip().splitlines()

    assert first == "sh"
    assert {command.removeprefix("make ") for command in commands} == {"demo", "test"}


def test_the_map_of_the_house_has_every_folder_of_packages():
    section = README.partition("\n## The map of the house\n")[2].partition("\n## ")[0]
    shown = set(re.findall(r"^\| `([\w/]+)/` \|", section, re.MULTILINE))
    inner = {path.parent for package in PACKAGES for path in (ROOT / package).glob("*/__init__.py")}
    folders = {str(path.relative_to(ROOT)) for path in inner} | {*PACKAGES, "migrations", "tests", "deploy"}

    # access has a line for its files instead of one for itself.
    assert folders - shown == {"access"}
    assert shown - folders == set()
    assert "| `access/*.py` |" in section


def test_make_alone_lists_its_words_a_line_each():
    # Below another make it would also say which directory it enters and leaves.
    command = ["make", "--no-print-directory"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    listed = done.stdout.splitlines()

    assert {line.split()[1] for line in listed} == WORDS
    assert all(line.startswith("make ") and len(line.split()) > 2 for line in listed)


def figures_of(page):
    return [line for block in page.split("```")[1::2] for line in block.strip().splitlines()]


def test_the_page_of_benchmarks_keeps_lines_of_the_one_form():
    text = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")

    lines = figures_of(text)

    assert len(lines) > 20
    for line in lines:
        assert re.fullmatch(r"\w+ [\d.e+-]+ \S+ (- info|[\d.e+]+ (met|missed))", line), line


def test_every_figure_of_the_benchmarks_is_said_how_it_is_measured():
    text = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    names = [line.split()[0] for line in figures_of(text)]
    heads = re.findall(r"^- (`\w+`(?:, `\w+`)*):", text, re.MULTILINE)
    told = tuple(name for head in heads for name in re.findall(r"\w+", head))

    assert told
    assert [name for name in names if not name.startswith(told)] == []


def test_every_package_is_pinned_by_hash_and_no_index_is_named():
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    packages = [line for line in lines if line and line[0] not in " #"]

    assert len(packages) > 20
    assert [line for line in packages if not re.fullmatch(r"[a-z0-9.-]+==\S+ \\", line)] == []
    assert [line for line in lines if "://" in line] == []

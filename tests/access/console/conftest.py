"""A town of two companies and its pages. SQLite: what differs by database is tested in tests/access/store."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from access.console import create_app
from access.store.database import Database
from tests.access.console.browser import Browser
from tests.access.console.town import Town


@pytest.fixture
def database(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(migrated_sqlite, tmp_path / "gate.sqlite")
    opened = Database(f"sqlite:///{tmp_path}/gate.sqlite", tmp_path / "lock")
    yield opened
    opened.close()


@pytest.fixture
def town(database: Database, tmp_path: Path) -> Town:
    """Everyone but the newcomer has a phone."""
    built = Town(database, tmp_path)
    built.give_phones()
    return built


@pytest.fixture
def pages(town: Town) -> Flask:
    return create_app(town.gate())


@pytest.fixture
def visit(town: Town, pages: Flask) -> Callable[..., Browser]:
    """A browser; with a name, signed in as that person."""

    def visit(name: str = "", language: str = "en", chosen: bool = True) -> Browser:
        browser = Browser(pages, town, language, chosen)
        return browser.sign_in(name) if name else browser

    return visit

"""Debian's Chromium under Playwright: pages as people see them, and what axe-core finds wrong with them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect, sync_playwright

from tests.peers.available import program
from tests.peers.leftovers import working_below
from tests.peers.waiting import PATIENCE_S, wait_until

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What axe calls these keeps people out; the rest is advice.
GRAVE = ("serious", "critical")


class Screen(Enum):
    """Width and height in CSS pixels."""

    DESKTOP = (1280, 800)
    PHONE = (390, 844)

    @property
    def viewport(self) -> ViewportSize:
        width, height = self.value
        return {"width": width, "height": height}


class Chromium:
    """One browser with a profile of its own, closed with the context manager."""

    def __enter__(self) -> Self:
        self._kept = tempfile.TemporaryDirectory(prefix="chromium-")
        self.directory = Path(self._kept.name)
        self._playwright = sync_playwright().start()
        expect.set_options(timeout=PATIENCE_S * 1000)
        try:
            self._browser = self._playwright.chromium.launch(
                executable_path=program("chromium"),
                args=list(FLAGS),
                headless=True,
                timeout=PATIENCE_S * 1000,
                downloads_path=self._kept.name,
                env={"HOME": self._kept.name, "TMPDIR": self._kept.name},
            )
        except BaseException:
            self._playwright.stop()
            self._kept.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._browser.close()
        self._playwright.stop()
        # Its helpers go a moment later, and keep files there until then.
        wait_until(lambda: not working_below(self.directory), "the processes of Chromium to go")
        self._kept.cleanup()

    @contextmanager
    def visit(self, screen: Screen = Screen.DESKTOP, locale: str = "ko-KR") -> Iterator[Page]:
        """A page without cookies, on Seoul's time, that takes the tests' own certificates."""
        context: BrowserContext = self._browser.new_context(
            viewport=screen.viewport,
            locale=locale,
            timezone_id="Asia/Seoul",
            ignore_https_errors=True,
            is_mobile=screen is Screen.PHONE,
            has_touch=screen is Screen.PHONE,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_S * 1000)
        try:
            yield context.new_page()
        finally:
            context.close()


def take_picture(page: Page, path: Path, *, whole: bool = False) -> Path:
    """A PNG of the screen, or of the whole page, once its fonts are there."""
    page.evaluate("document.fonts.ready")
    page.screenshot(path=path, full_page=whole, animations="disabled")
    return path


def find_barriers(page: Page, impacts: tuple[str, ...] = GRAVE) -> list[str]:
    """What axe-core finds on the page, all of it loaded, one line a finding; empty is good."""
    # A click has waited for the first octet of the next page alone.
    page.wait_for_load_state()
    violations: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{found['id']} ({found['impact']}): {found['help']}: {node['target']}"
        for found in violations
        if found["impact"] in impacts
        for node in found["nodes"]
    ]

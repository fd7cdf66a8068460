"""What every test may rely on: a real peer or a reason, the core first, no skips in CI, nothing left over."""

import ast
import gc
import logging
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.layering import PACKAGES, ROOT, Kind, Module
from tests.peers.available import PEERS
from tests.peers.chromium import Chromium
from tests.peers.nas import Nas
from tests.peers.people import Company, hangang, namsan
from tests.peers.postgres import Postgres
from tests.peers.redis import Redis
from tests.peers.slapd import Slapd
from tests.session import KEY, open_session, processes, spread_over

NOSKIP = os.environ.get("OFFICEGATE_TEST_NOSKIP") == "1" or os.environ.get("CI") == "true"
KEEP = os.environ.get("OFFICEGATE_TEST_KEEP") == "1"
# Fixtures of tests that keep something.
DATABASES = frozenset({"database", "empty_database", "migrated_sqlite", "postgres_cluster"})
# How often the collector looks through all there is. What has been frozen does not count for it, so it would
# look again and again at what the tests keep; a core leaves nothing that has to be closed, and can wait.
LOOKING = gc.get_threshold()
LOOKING_SELDOM = (*LOOKING[:2], 100)
# All core tests together, in seconds of CPU. Shown, never judged: a busy machine fails no test.
CORE_BUDGET_S = 10.0
# However busy the machine is. What another run would try, and more of it, is for `make soak`, which asks for
# "searching": the same few cases every time would prove no more if they were many.
settings.register_profile(
    "searching", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=300
)
settings.register_profile(
    "steady", settings.get_profile("searching"), derandomize=True, database=None, max_examples=15
)
settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "core: tests a module without I/O (set by itself, from the module's mark)"
    )
    open_session(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not KEEP:
        shutil.rmtree(config.stash[KEY].directory, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is collected stays to the end: looking again and again for rubbish in it would take a while."""
    gc.disable()
    try:
        return (yield)
    finally:
        # In a new checkout Hypothesis makes its table of all characters here, and reads it from .hypothesis
        # ever after: else the first test that draws text would, in each process the tests are spread over.
        st.text().validate()
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Core tests come first: they fail in seconds."""
    for item in items:
        for mark in item.iter_markers("peer"):
            if mark.args[0] not in PEERS:
                raise pytest.UsageError(
                    f"{item.nodeid}: no peer is called {mark.args[0]}: {', '.join(PEERS)}"
                )
        if is_core(item):
            item.add_marker("core")
    items.sort(key=lambda item: item.get_closest_marker("core") is None)


def is_core(item: pytest.Item) -> bool:
    """Whether it tests a core and nothing else: neither a peer nor a database, and not for long."""
    heavy = any(item.get_closest_marker(mark) for mark in ("peer", "soak"))
    stored = not DATABASES.isdisjoint(getattr(item, "fixturenames", ()))
    return not heavy and not stored and tests_a_core(item.path)


@cache
def tests_a_core(path: Path) -> bool:
    """tests/otp/test_totp.py mirrors otp/totp.py; what mirrors no module is judged by its package."""
    if not any(path.is_relative_to(ROOT / "tests" / package) for package in PACKAGES):
        return False
    folder = path.parent.relative_to(ROOT / "tests")
    mirrored = ROOT / folder / path.name.removeprefix("test_")
    source = mirrored if mirrored.exists() else ROOT / folder / "__init__.py"
    return (
        source.exists()
        and Module(source.stem, ast.parse(docstring(source.read_text("utf-8")))).kind is Kind.CORE
    )


def docstring(source: str) -> str:
    """The docstring a source begins with, as it is written there: the rest takes long to parse."""
    before, quotes, rest = source.partition('"""')
    text, closing, _ = rest.partition('"""')
    return quotes + text + closing if not before else ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    gc.set_threshold(*(LOOKING_SELDOM if item.get_closest_marker("core") else LOOKING))
    for mark in item.iter_markers("peer"):
        reason = PEERS[mark.args[0]]()
        if reason:
            pytest.skip(f"{mark.args[0]}: {reason}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    started = time.process_time()
    yield
    if item.get_closest_marker("core"):
        item.config.stash[KEY].core_cpu_s += time.process_time() - started


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):  # type: ignore[no-untyped-def]
    """Where nothing may be skipped, a skip and an expected failure are failures, with their reason."""
    report = yield
    if NOSKIP and (report.skipped or hasattr(report, "wasxfail")):
        report.longrepr = f"nothing may be skipped here: {why(report)}"
        report.outcome = "failed"
        report.__dict__.pop("wasxfail", None)
    return report


def why(report: pytest.TestReport) -> str:
    return str(getattr(report, "wasxfail", "")) or str(report.longrepr)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):  # type: ignore[no-untyped-def]
    report = yield
    if NOSKIP and report.skipped:
        report.outcome, report.longrepr = "failed", f"nothing may be skipped here: {report.longrepr}"
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    gc.unfreeze()
    ours = session.config.stash[KEY]
    ours.close()
    if spread_over(session.config):
        session.config.workeroutput["ours"] = ours.tell()  # type: ignore[attr-defined]
        return
    if ours.complaints and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """One of the processes that the tests are spread over has ended; what died has told nothing."""
    told = getattr(node, "workeroutput", {}).get("ours")
    if told:
        node.config.stash[KEY].hear(told)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return processes()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    ours = config.stash[KEY]
    over = ours.core_cpu_s > CORE_BUDGET_S
    shown = f"core tests: {ours.core_cpu_s:.1f} s of CPU of {CORE_BUDGET_S:.0f}"
    terminalreporter.write_line(shown, yellow=over)
    for complaint in ours.complaints:
        terminalreporter.write_line(complaint, red=True)


@pytest.fixture(autouse=True)
def process() -> Iterator[None]:
    """What the command line sets for its whole process, every test after one that calls it would have too.

    It keeps what it writes to itself, and sends every log line to the terminal under its own name.
    """
    root = logging.getLogger()
    umask, handlers, level = os.umask(0o022), root.handlers[:], root.level
    yield
    os.umask(umask)
    root.handlers[:] = handlers
    root.setLevel(level)
    if structlog.is_configured():
        structlog.reset_defaults()


@dataclass(frozen=True)
class Directory:
    """A running slapd and the two companies in it."""

    slapd: Slapd
    hangang: Company
    namsan: Company


@pytest.fixture
def directory() -> Iterator[Directory]:
    """A slapd of the test's own: it may change what it likes (0.1 s)."""
    companies = (hangang(), namsan())
    with Slapd(companies) as slapd:
        yield Directory(slapd, *companies)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A new empty database, gone after the test."""
    name = f"test_{uuid.uuid4().hex}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.fixture
def redis() -> Iterator[Redis]:
    """An empty Redis of the test's own."""
    with Redis() as server:
        yield server


@pytest.fixture
def nas() -> Iterator[Nas]:
    """A NAS that acknowledges every Disconnect and CoA."""
    with Nas() as listening:
        yield listening


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    with Chromium() as browser:
        yield browser

"""officegate status: what the RADIUS service of this machine does, and what is wrong with it. ◆"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import click

from access.app import radius_status
from access.commands.invocation import Invocation, passed
from access.radius.radius_status import TIERS, RadiusStatus

# Made with another secret, and so lately that it goes on.
RECENT_S = 600.0
# A worker looks at the database four times a second.
AWAY_S = 5.0
# What a NAS did that somebody should look at.
AMISS = ("malformed", "missing_message_authenticators", "overload_dropped", "unanswered")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and whether it is about something that is wrong."""

    text: str
    wrong: bool = False


@click.command()
@passed
def status(invocation: Invocation) -> int:
    """Show what the RADIUS workers of this machine do. Status 1 where something is wrong.

    Neither the database nor a directory is asked: this works while they are away.
    """
    settings = invocation.settings
    now = time.time()
    told = radius_status(settings)

    def shown(at: float) -> str:
        return datetime.fromtimestamp(at, settings.time_zone).isoformat(sep=" ", timespec="seconds")

    lines = list(_lines(told, now, shown))
    for line in lines:
        click.echo(f"{'!' if line.wrong else ' '} {line.text}")
    return 1 if any(line.wrong for line in lines) else 0


def _lines(told: RadiusStatus, now: float, shown: Callable[[float], str]) -> Iterator[Line]:
    if not told.workers:
        yield Line("no RADIUS worker of this machine has told anything yet", wrong=True)
        return
    silent = told.silent(now)
    for name, worker in told.workers.items():
        heard = f"silent since {shown(worker.get('at', 0.0))}" if name in silent else "serves"
        yield Line(f"{name}: {heard}, started {shown(worker.get('began', 0.0))}", name in silent)
    yield Line(f"under way: {_counted(told.load())}")
    if (memory := told.memory(now)) is not None:
        yield _about_memory(*memory)
    yield Line(f"logins: {_counted(told.endings())}")
    yield from _about_nas(told, now, shown)
    servers = told.directory_servers()
    for key, is_asked in told.directories().items():
        at = f" at {', '.join(servers[key])}" if servers.get(key) else ""
        state = f"asked{at}" if is_asked else "spared, it does not answer"
        yield Line(f"directory {key}: {state}", not is_asked)
    if told.passwords():
        yield Line(f"remembered passwords: {_counted(told.passwords())}")
    for server, state in told.homes().items():
        yield Line(f"home server {server}: {state}", state != "alive")
    if told.homes():
        yield Line(f"sent to home servers: {_counted(told.relayed())}")
    if any(told.radsec().values()):
        yield Line(f"RadSec: {_counted(told.radsec())}")
    troubles = told.troubles()
    yield Line(
        f"troubles: {_counted(troubles)}", any(troubles.get(each) for each in ("crashes", "unrecorded"))
    )
    yield _about_journals(told, shown)


def _about_memory(age_s: float, refused: Iterable[str]) -> Line:
    if age_s <= AWAY_S:
        return Line("database: answers")
    tiers = f"; refused: {', '.join(TIERS[each] for each in refused)}" if refused else ""
    return Line(f"database: away, decided from what was known {round(age_s)} s ago{tiers}", wrong=True)


def _about_nas(told: RadiusStatus, now: float, shown: Callable[[float], str]) -> Iterator[Line]:
    for name, traffic in told.traffic().items():
        if traffic.bad_last is not None and traffic.bad_began is not None:
            count, goes_on = traffic.counts.get("bad_authenticators", 0), now - traffic.bad_last < RECENT_S
            since = f"from {shown(traffic.bad_began)} to {shown(traffic.bad_last)}"
            yield Line(f"NAS {name}: {count} packets made with another secret, {since}", goes_on)
        amiss = {each: traffic.counts.get(each, 0) for each in AMISS}
        if any(amiss.values()):
            yield Line(f"NAS {name}: {_counted(amiss)}")
    addresses = "".join(f", {count} from {each}" for each, count in told.stranger_addresses().items())
    yield Line(f"packets from addresses that are no NAS: {told.strangers}{addresses}")


def _about_journals(told: RadiusStatus, shown: Callable[[float], str]) -> Line:
    backlog = told.backlog
    waits = f"{backlog.records} records wait" if backlog.records else "nothing waits"
    if backlog.failing_since is None:
        return Line(f"journals: {waits}")
    return Line(
        f"journals: {waits}, not loaded since {shown(backlog.failing_since)}: {backlog.why}", wrong=True
    )


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"

"""officegate check: the configuration, then the world it describes, a line for each. ◆"""

from collections.abc import Callable, Iterator
from itertools import chain

import click

from access.commands.checks import secrets
from access.commands.checks.certificates import certificates
from access.commands.checks.clock import clock
from access.commands.checks.endpoints import endpoints
from access.commands.checks.home_servers import home_servers
from access.commands.checks.nas import nas_clients
from access.commands.checks.network import directories, ports
from access.commands.checks.roles import roles
from access.commands.checks.service import gateways, policy, processes
from access.commands.checks.storage import database, disk, heads, key_file
from access.commands.checks.verdict import Level, Verdict, ok
from access.commands.invocation import Invocation, passed
from access.config import Settings
from access.config.loading import secret_files

CHECKS: tuple[Callable[[Settings], Iterator[Verdict]], ...] = (
    key_file,
    database,
    disk,
    heads,
    directories,
    roles,
    policy,
    processes,
    gateways,
    home_servers,
    nas_clients,
    endpoints,
    ports,
    certificates,
    clock,
)
_COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


@click.command()
@passed
def check(invocation: Invocation) -> int:
    """Check the configuration, then the world: what is right, what is not, and what to do.

    Exit status 0: nothing failed; 1: something did; 2: the configuration itself is wrong.
    """
    settings = invocation.settings
    companies = len(settings.organizations)
    _say(ok("configuration", f"{invocation.config_file}, {companies} {_company(companies)}"))
    failed = False
    named = secret_files(invocation.config_file)
    for verdict in chain(secrets.files(settings, named), *(look(settings) for look in CHECKS)):
        _say(verdict)
        failed = failed or verdict.level is Level.FAIL
    return 1 if failed else 0


def _company(count: int) -> str:
    return "company" if count == 1 else "companies"


def _say(verdict: Verdict) -> None:
    level = click.style(f"{verdict.level.value:<4}", fg=_COLOURS[verdict.level])
    advice = f"; {verdict.advice}" if verdict.advice else ""
    click.echo(f"{level}  {verdict.subject}: {verdict.seen}{advice}")

"""officegate worker: carries out what the enforcer wants of gateways and NAS. ◆"""

import click

from access import tasks
from access.commands.invocation import Invocation, passed
from access.lifeline import die_with_parent


@click.command()
@passed
def worker(invocation: Invocation) -> int:
    """Change gateways and disconnect sessions, until stopped. Any number may run."""
    die_with_parent()
    return tasks.run(invocation.app(), _nobody)


def _nobody(_session_id: int) -> None:
    return None

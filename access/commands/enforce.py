"""officegate enforce: keep the gateways to what the policy permits each session. ◆"""

import signal
import threading

import click

from access.commands.invocation import Invocation, passed
from access.gateways import enforced
from access.lifeline import die_with_parent


@click.command()
@passed
def enforce(invocation: Invocation) -> None:
    """Follow every change and tell the gateways, until stopped. One leads, others stand by."""
    die_with_parent()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    enforced.run(invocation.app(), stop)

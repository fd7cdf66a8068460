"""officegate device: the gateways that enforce what each session may reach. ◆"""

from getpass import getuser
from ipaddress import ip_network

import click

from access.audit import AuditEntry
from access.commands.company import company
from access.commands.invocation import Invocation, passed
from access.lanes import Lane
from access.store import audit, devices, work
from access.store.devices import DeviceRow
from vpn.driver import DeviceKind

WRITER = "command-line"


@click.group()
def device() -> None:
    """Gateways that let each session reach what the policy permits."""


@device.command()
@click.argument("name")
@click.option("--organization", required=True)
@click.option("--kind", type=click.Choice([kind.value for kind in DeviceKind]), required=True)
@click.option("--address", required=True, help="netns:NAME, or local: for this machine.")
@click.option("--pool", "pools", multiple=True, required=True, help="Addresses its sessions may have.")
@click.option("--site", default="")
@passed
def add(
    invocation: Invocation, /, name: str, organization: str, pools: tuple[str, ...], **described: str
) -> None:
    """Let Officegate keep this gateway. Its rules are written at once."""
    app = invocation.app()
    now = app.clock()
    with app.database.write() as conn:
        owner = company(conn, organization).id
        networks = tuple(ip_network(pool) for pool in pools)
        new = DeviceRow(0, owner, name, described["kind"], described["address"], networks, described["site"])
        device_id = devices.add(conn, new, now)
        work.want(conn, device_id, Lane.STRUCTURE)
        audit.record(conn, WRITER, _entry("DEVICE_ADDED", new, now), app.keyring, app.random)
    click.echo(f"{name} is kept from now on.")


def _entry(reason: str, known: DeviceRow, now: float) -> AuditEntry:
    detail = {
        "device": known.name,
        "kind": known.kind,
        "address": known.address,
        "pools": [str(pool) for pool in known.pools],
        "by": f"{getuser()} at the command line",
    }
    return AuditEntry("device", now, reason, known.organization_id, detail=detail)

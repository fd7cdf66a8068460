"""officegate device: the gateways that enforce what each session may reach. ◆"""

from collections.abc import Sequence
from datetime import datetime

import click

from access.app import App
from access.commands.company import company
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.errors import Refused
from access.gateways.channels import LOCAL, NETNS
from access.gateways.lanes import Lane, LaneState
from access.nas import pools as pool_texts
from access.records.audit import AuditEntry
from access.store import audit, devices, work
from access.store.devices import DeviceRow
from vpn.driver import DeviceKind

WRITER = "command-line"


@click.group()
def device() -> None:
    """Gateways that let each session reach what the policy permits, and nothing else."""


@device.command()
@click.argument("name")
@click.option("--organization", required=True, help="Whose gateway it is.")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in DeviceKind]),
    default=DeviceKind.LINUX_NFTABLES.value,
    show_default=True,
)
@click.option("--address", required=True, help="netns:NAME, a namespace; local:, this machine.")
@click.option(
    "--pool",
    "pools",
    multiple=True,
    required=True,
    help="Addresses its sessions may have: 10.8.0.0/24, or 10.8.0.0/24%tun0 if only by that interface.",
)
@click.option("--site", default="", help="Where it stands.")
@passed
def add(invocation: Invocation, /, name: str, organization: str, pools: Sequence[str], **place: str) -> None:
    """Have Officegate keep a gateway: its table `inet officegate` is written at once."""
    app = invocation.app()
    now = app.clock()
    _check_address(place["address"])
    held = tuple(sorted(pool_texts.gateway(name, pools).pools, key=pool_texts.write))
    with app.database.write() as conn:
        owner = company(conn, organization).id
        new = DeviceRow(0, owner, name, place["kind"], place["address"], held, place["site"])
        work.want(conn, devices.add(conn, new, now), Lane.STRUCTURE)
        audit.record(conn, WRITER, _entry("DEVICE_ADDED", new, now), app.keyring, app.random)
    click.echo(
        f"{name} is kept from now on. Addresses of {', '.join(map(pool_texts.write, held))} reach nothing"
        f" but what their sessions may. Next: officegate nas add ... --gateway {name}"
    )


@device.command("list")
@passed
def list_(invocation: Invocation) -> None:
    """List every device, and whether it is in step."""
    app = invocation.app()
    with app.database.read() as conn:
        known = devices.all_devices(conn)
        lanes = work.lanes(conn)
    if not known:
        click.echo("No device is known yet. Add one: officegate device add NAME ...")
    for each in known:
        mine = [lane for lane in lanes if lane.device_id == each.id]
        click.echo(f"{each.name}  {each.kind}  {each.address}  {_standing(each, mine)}")


@device.command()
@click.argument("name")
@passed
def show(invocation: Invocation, name: str) -> None:
    """Say how a device stands: pools, lanes, when it last answered, what it had otherwise."""
    app = invocation.app()
    with app.database.read() as conn:
        known = devices.device_by_name(conn, name)
        lanes = [lane for lane in work.lanes(conn) if lane.device_id == known.id]
    click.echo(f"{known.name}: {known.kind} at {known.address}, {_standing(known, lanes)}")
    click.echo(f"  pools: {', '.join(map(pool_texts.write, known.pools))}")
    for lane in lanes:
        failed = f", failed {lane.failures} times: {lane.failure}" if lane.failures else ""
        confirmed = f"confirmed {lane.done} of {lane.wanted}, {_moment(app, lane.done_at)}"
        click.echo(f"  {lane.lane.value}: {confirmed}{failed}")
    click.echo(f"  last read whole {_moment(app, known.drift_at)}; put right then: {known.drift}")


@device.command()
@click.argument("name")
@passed
def remove(invocation: Invocation, name: str) -> None:
    """Keep a gateway no longer. What it holds stays: delete its table there by hand."""
    app = invocation.app()
    now = app.clock()
    with app.database.write() as conn:
        known = devices.device_by_name(conn, name)
        devices.remove(conn, known, now)
        audit.record(conn, WRITER, _entry("DEVICE_REMOVED", known, now), app.keyring, app.random)
    click.echo(f"{name} is no longer kept. On it: nft delete table inet officegate")


@device.command()
@click.argument("name")
@passed
def reconcile(invocation: Invocation, name: str) -> None:
    """Have a device read whole and put right now, whatever failed before."""
    app = invocation.app()
    with app.database.write() as conn:
        known = devices.device_by_name(conn, name)
        work.want(conn, known.id, Lane.STRUCTURE)
        work.hurry(conn, known.id)
    click.echo(f"{name} will be read and put right within seconds. See: officegate device show {name}")


def _check_address(address: str) -> None:
    if address != LOCAL and not address.startswith(NETNS):
        raise Refused(f"{address} is no address of a device. Write netns:NAME, or local: for this machine.")


def _standing(known: DeviceRow, lanes: Sequence[LaneState]) -> str:
    if known.failed_at is not None:
        return f"failing: {known.failure}"
    if any(lane.wanted > lane.done for lane in lanes):
        return "being changed"
    return "in step" if known.seen_at is not None else "never reached"


def _moment(app: App, at: float | None) -> str:
    if at is None:
        return "never"
    return datetime.fromtimestamp(at, app.settings.time_zone).isoformat(" ", "seconds")


def _entry(reason: str, known: DeviceRow, now: float) -> AuditEntry:
    detail = {
        "device": known.name,
        "kind": known.kind,
        "address": known.address,
        "pools": [pool_texts.write(pool) for pool in known.pools],
        "by": operator(),
    }
    return AuditEntry("device", now, reason, known.organization_id, detail=detail)

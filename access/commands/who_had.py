"""officegate who-had: whose an address was at a moment. ◆"""

from datetime import datetime
from ipaddress import ip_address
from zoneinfo import ZoneInfo

import click

from access.commands.invocation import Invocation, passed
from access.commands.moments import Moment, seconds
from access.shown import HolderLine
from access.store.address_leases import holders

FORMAT = "%Y-%m-%d %H:%M:%S"


@click.command("who-had")
@click.argument("address")
@click.option("--at", "moment", type=Moment(), help="When, in local time, like 2026-11-03T14:20.")
@passed
def who_had(invocation: Invocation, address: str, moment: datetime | None) -> None:
    """Print who had ADDRESS, now or at a moment, the newest first."""
    app = invocation.app()
    zone = app.settings.time_zone
    try:
        wanted = ip_address(address)
    except ValueError as error:
        raise click.BadParameter(f"{address} is no address", param_hint="ADDRESS") from error
    at = seconds(moment, zone) if moment else app.clock()
    with app.database.read() as conn:
        found = holders(conn, wanted, at)
    if not found:
        raise click.ClickException(f"nobody had {wanted} then, as far as accounting has told")
    for each in found:
        click.echo(_line(each, zone))


def _line(each: HolderLine, zone: ZoneInfo) -> str:
    since = datetime.fromtimestamp(each.since, zone).strftime(FORMAT)
    until = datetime.fromtimestamp(each.until, zone).strftime(FORMAT) if each.until else "still"
    who = each.user_name or each.calling_station
    place = f"{each.calling_station}  {each.nas}  {each.network}  session {each.session_id}"
    return f"{since}  {until}  {who}  {place}"

"""Devices we configure, and devices that ask us. ◆"""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from access.console.admin.scope import of_head_office, own
from access.console.current import gate
from access.console.roles import role
from access.console.rooms import WATCH

pages = Blueprint("devices", __name__)


@pages.get("/devices")
@role(*WATCH)
def devices() -> ResponseReturnValue:
    """Every device with its lanes: wanted, confirmed, drift, failure."""
    return render_template("admin/devices.html", devices=gate().pages.devices(own().id))


@pages.get("/nas")
@role(*WATCH)
def nas() -> ResponseReturnValue:
    """Every NAS, and what the RADIUS workers of this machine have counted."""
    counters = gate().pages.counters() if of_head_office() else {}
    # A NAS has some twenty counters, most of which are 0 for ever: they would hide the one that matters.
    names = sorted({name for counts in counters.values() for name, count in counts.items() if count})
    lines = gate().pages.nas(own().id)
    return render_template(
        "admin/nas.html",
        nas=lines,
        counters=counters if names else {},
        counter_names=names,
        all_of_it=of_head_office(),
    )

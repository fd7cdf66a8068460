"""Devices we configure, and devices that ask us. ◆"""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from access.console.admin.scope import own
from access.console.current import gate
from access.console.roles import role
from access.console.rooms import WATCH

pages = Blueprint("devices", __name__)


@pages.get("/devices")
@role(*WATCH)
def devices() -> ResponseReturnValue:
    """Every device with its lanes: wanted, confirmed, drift, failure."""
    return render_template("admin/devices.html", devices=gate().pages.devices(own().id))

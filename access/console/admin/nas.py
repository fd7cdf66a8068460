"""Devices that ask RADIUS: who they are, what they do, and the forms that add and change them. ◆"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.scope import of_head_office, own
from access.console.current import gate, visitor
from access.console.languages import language
from access.console.roles import role
from access.console.rooms import WATCH
from access.errors import Refused
from access.model import Role, Via
from access.nas.nas_clients import learn_signing_anew
from access.nas.nas_rules import USUAL_METHODS, eap_methods, read_methods
from access.nas.registry import (
    CODE_DIGITS,
    BadNas,
    Code,
    EapMethod,
    MessageAuthenticator,
    NasClient,
    check_name,
    read_network,
)
from radius.vendor.families import FAMILIES

pages = Blueprint("nas", __name__)
VIAS = (Via.VPN, Via.WIRED, Via.WIRELESS)
# What a page shows of the counters of a NAS first; the others follow where they are not 0.
FIRST = ("requests", "accepts", "rejects", "challenges")


@pages.get("/nas")
@role(*WATCH)
def listed() -> ResponseReturnValue:
    """Every NAS with what it did, and what waits in the journals."""
    status, everywhere = gate().status(), of_head_office()
    return render_template(
        "admin/nas.html",
        nas=[line for line in gate().pages.nas(own().id) if line.enabled],
        traffic=status.traffic(),
        first=FIRST,
        status=status if everywhere else None,
        may_change=_may_change(),
    )


@pages.get("/nas/<int:nas_id>")
@role(*WATCH)
def one(nas_id: int) -> ResponseReturnValue:
    """One NAS: what is set, what it did, which secret it uses."""
    return shown(client_or_404(nas_id))


@pages.get("/nas/add")
@role(Role.ADMIN)
def describe() -> ResponseReturnValue:
    """The form for a new one."""
    return _form(
        None,
        {
            "code": Code.APPENDED,
            "code_digits": str(CODE_DIGITS[0]),
            "via": Via.VPN,
            "vendor": "generic",
            "message_authenticator": "require",
            "eap": "yes",
        },
    )


@pages.post("/nas/add")
@role(Role.ADMIN)
def add() -> ResponseReturnValue:
    """Let a device ask; its secret is made and shown this once."""
    try:
        blank = NasClient(0, own().id, "-", ip_network("192.0.2.1"), (), Via.VPN)
        client, secret = gate().nas.add(_described(blank), by(), of_head_office())
    except Refused as error:
        return _form(None, request.form, error.to(language())), 422
    return shown(client, secret)


@pages.get("/nas/<int:nas_id>/change")
@role(Role.ADMIN)
def edit(nas_id: int) -> ResponseReturnValue:
    """The form with what is set now."""
    client = client_or_404(nas_id)
    return _form(client, _typed(client))


@pages.post("/nas/<int:nas_id>/change")
@role(Role.ADMIN)
def change(nas_id: int) -> ResponseReturnValue:
    """Change what is set; the secret stays."""
    client = client_or_404(nas_id)
    try:
        after = _described(client)
        if request.form.get("learn-anew"):
            after = learn_signing_anew(after, after.message_authenticator)
        gate().nas.change(client, after, by(), of_head_office())
    except Refused as error:
        return _form(client, request.form, error.to(language())), 422
    flash(_("Changed. It counts from now on."), "good")
    return redirect(f"/console/nas/{nas_id}", 303)


@pages.post("/nas/<int:nas_id>/rotate")
@role(Role.ADMIN)
def rotate(nas_id: int) -> ResponseReturnValue:
    """Make a second secret valid, and show it this once."""
    client = client_or_404(nas_id)
    try:
        secret = gate().nas.rotate(client, by())
    except BadNas as error:
        return shown(client, refused=error.to(language())), 422
    return shown(client_or_404(nas_id), secret)


@pages.post("/nas/<int:nas_id>/finish")
@role(Role.ADMIN)
def finish(nas_id: int) -> ResponseReturnValue:
    """End the old secret."""
    return _settle(nas_id, gate().nas.finish, _("The old secret counts no more."))


@pages.post("/nas/<int:nas_id>/abandon")
@role(Role.ADMIN)
def abandon(nas_id: int) -> ResponseReturnValue:
    """End the new secret."""
    return _settle(nas_id, gate().nas.abandon, _("The new secret counts no more."))


@pages.post("/nas/<int:nas_id>/remove")
@role(Role.ADMIN)
def remove(nas_id: int) -> ResponseReturnValue:
    """Answer it no more."""
    gate().nas.remove(client_or_404(nas_id), by())
    flash(_("It is not answered any more."), "good")
    return redirect("/console/nas", 303)


def _settle(nas_id: int, settle: Callable[[NasClient, str], None], said: str) -> ResponseReturnValue:
    client = client_or_404(nas_id)
    try:
        settle(client, by())
    except BadNas as error:
        return shown(client, refused=error.to(language())), 422
    flash(said, "good")
    return redirect(f"/console/nas/{nas_id}", 303)


def shown(client: NasClient, secret: str = "", refused: str = "") -> str:
    """The page of one NAS; with its new secret, or with why something was not done."""
    traffic = gate().status().traffic_of(client.name)
    others = {name: count for name, count in sorted(traffic.counts.items()) if count and name not in FIRST}
    return render_template(
        "admin/nas_one.html",
        client=client,
        methods=eap_methods(client),
        gateway=dict(gate().nas.gateways(client.organization_id)).get(client.gateway_id or 0, ""),
        sharers=gate().nas.sharers(client),
        certificates=gate().nas.certificates(client),
        traffic=traffic,
        first=FIRST,
        others=others,
        secret=secret,
        refused=refused,
        typed=request.form.get("certificate", "") if refused else "",
        may_change=_may_change(),
    )


def _form(client: NasClient | None, typed: Mapping[str, Any], refused: str = "") -> str:
    return render_template(
        "admin/nas_edit.html",
        client=client,
        typed=typed,
        refused=refused,
        vias=VIAS,
        codes=list(Code),
        digits=list(map(str, CODE_DIGITS)),
        signing=list(MessageAuthenticator),
        vendors=sorted(FAMILIES),
        methods=list(EapMethod),
        usual=", ".join(USUAL_METHODS),
        gateways=gate().nas.gateways(own().id),
    )


def _described(before: NasClient) -> NasClient:
    """The client as the form says. Raises Refused."""
    form = request.form
    vendor = _choice("vendor", FAMILIES)
    known = dict(gate().nas.gateways(own().id))
    gateway = form.get("gateway", type=int)
    return replace(
        before,
        name=check_name(form.get("name", "").strip()),
        network=read_network(form.get("address", "").strip()),
        via=Via(_choice("via", VIAS)),
        code=Code(_choice("code", set(Code))),
        code_digits=int(_choice("code_digits", set(map(str, CODE_DIGITS)))),
        message_authenticator=MessageAuthenticator(
            _choice("message_authenticator", set(MessageAuthenticator))
        ),
        vendor=vendor,
        site=_optional_name("site"),
        nas_group=_optional_name("group"),
        gateway_id=gateway if gateway in known else None,
        coa_port=_port(form.get("coa_port", "").strip(), FAMILIES[vendor].port),
        mab="mab" in form,
        eap="eap" in form,
        eap_methods=read_methods(form.get("eap_methods", "")),
    )


def _typed(client: NasClient) -> dict[str, Any]:
    """What the form shows of a client."""
    fields = {
        "name": client.name,
        "address": client.network if client.network.num_addresses > 1 else client.network.network_address,
        "via": client.via,
        "code": client.code,
        "code_digits": client.code_digits,
        "message_authenticator": client.message_authenticator,
        "vendor": client.vendor,
        "site": client.site,
        "group": client.nas_group,
        "gateway": client.gateway_id or "",
        "coa_port": client.coa_port,
        "eap_methods": ", ".join(client.eap_methods),
    }
    ticked = {name: "yes" for name, is_set in (("mab", client.mab), ("eap", client.eap)) if is_set}
    return {name: str(value) for name, value in fields.items()} | ticked


def _choice(name: str, known: Any) -> str:
    """One of the choices of a form; no browser sends another."""
    chosen = request.form.get(name, "")
    if chosen not in known:
        abort(400)
    return chosen


def _optional_name(name: str) -> str:
    text = request.form.get(name, "").strip()
    return text and check_name(text)


def _port(text: str, usual: int) -> int:
    if not text:
        return usual
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise BadNas(
            f"{text} is no port. Leave it empty for the usual one of the vendor.",
            f"{text}은(는) 포트 번호가 아닙니다. 비워 두면 제조사의 기본 포트를 씁니다.",
        )
    return int(text)


def client_or_404(nas_id: int) -> NasClient:
    """A NAS of the visitor's organization; one of another is not there, like one that never was."""
    found = gate().nas.client(own().id, nas_id)
    if found is None:
        abort(404)
    return found


def _may_change() -> bool:
    return Role.ADMIN in visitor().roles


def by() -> str:
    """Who does it, for the audit."""
    user = visitor().user
    return f"{user.name}@{user.organization}"

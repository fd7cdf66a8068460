"""People: finding one, and all that helps one on the phone. ◆"""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.explained import Explained
from access.console.admin.hosts import hosts_of
from access.console.admin.looks import looked_at, looked_through
from access.console.admin.scope import of_head_office, own, person_or_404
from access.console.current import gate, now, visitor
from access.console.languages import language
from access.console.roles import role
from access.console.rooms import DESK
from access.logins.risk import Level
from access.model import Method, Role, User, Via
from access.people.privilege import beyond, is_privileged, is_same_person
from access.policy.subjects import subject_of
from access.policy.visible import visible_objects
from access.policy.words import LEVELS, METHODS
from access.proof.enrolment import LOST_S
from access.proof.helping import Scope, may_ask
from access.proof.network_passwords import revoke
from access.proof.own_certificates import revoke_for, standing
from access.proof.token_desk import Helper, may_help
from access.proof.two_administrators import AskedAct
from access.shown import Asked
from otp import bypass
from otp.token import State

pages = Blueprint("people", __name__)
MOST = 50
# How nobody of ours logs in by themselves.
NOT_OURS = (Method.HOME_SERVER, Method.OFFICE_OPEN)
# What the form of an explanation keeps folded until it is used.
MORE = ("method", "ssid", "site", "group", "source", "endpoint", "sessions", "risk")
RECENT = 20


@pages.get("/users")
@role(*DESK)
def search() -> ResponseReturnValue:
    """People whose name or display name begins with what was typed."""
    text = request.args.get("q", "").strip()
    lines = gate().pages.people(Asked(own().id, text, limit=MOST)) if text else ()
    if text:
        looked_through("users", text)
    several = len(gate().pages.organizations()) > 1
    may_link = several and Role.ADMIN in visitor().roles
    returned = len(gate().relinks.candidates(own().key)) if Role.ADMIN in visitor().roles else 0
    return render_template(
        "admin/users.html", lines=lines, text=text, most=MOST, may_link=may_link, returned=returned
    )


@pages.get("/users/<int:user_id>")
@role(*DESK)
def person(user_id: int) -> ResponseReturnValue:
    """One person: groups, phones, sessions, recent records."""
    user = person_or_404(user_id)
    looked_at("user", user_id)
    return page(user)


@pages.post("/users/<int:user_id>/network-passwords/<int:password_id>/revoke")
@role(Role.ADMIN, Role.HELPDESK)
def revoke_network_password(user_id: int, password_id: int) -> ResponseReturnValue:
    """Revoke a network password of somebody who has lost the endpoint."""
    user, by = person_or_404(user_id), visitor().user
    if revoke(gate().identity, user, password_id, f"{by.name}@{by.organization}", now()):
        flash(_("The network password is revoked. The endpoint that used it is being disconnected."), "good")
    else:
        flash(_("That network password was revoked before."), "quiet")
    return redirect(f"/console/users/{user_id}", 303)


@pages.post("/users/<int:user_id>/certificates/<int:certificate_id>/revoke")
@role(Role.ADMIN, Role.HELPDESK)
def revoke_certificate(user_id: int, certificate_id: int) -> ResponseReturnValue:
    """Revoke a certificate of somebody who has lost the device."""
    user, by = person_or_404(user_id), visitor().user
    if revoke_for(gate().certificates, user, certificate_id, f"{by.name}@{by.organization}", now()):
        flash(_("The certificate is revoked. The device that used it is being disconnected."), "good")
    else:
        flash(_("That certificate was revoked before."), "quiet")
    return redirect(f"/console/users/{user_id}", 303)


def page(user: User, explained: Explained | None = None) -> str:
    """The page of one person."""
    held = gate().identity.factors(user.id)
    sender = visitor()
    asked = Helper(sender.user.name, sender.roles, sender.user.id)
    return render_template(
        "admin/user.html",
        user=user,
        phones=[token for token in held.tokens if token.state is not State.REVOKED],
        held=held,
        lost=[token for token in held.tokens if token.lost_at is not None and now() - token.lost_at < LOST_S],
        network_passwords=[each for each in gate().identity.network_passwords(user.id) if each.stands(now())],
        certificates=standing(gate().certificates, user.id, now()),
        may_revoke=bool(sender.roles & {Role.ADMIN, Role.HELPDESK}),
        may_contain=Role.ADMIN in sender.roles,
        may_help=may_help(gate().identity, asked, user),
        may_ask=may_ask(gate().identity, asked, user),
        proofs=gate().identity.demanded_proofs(user),
        passes=gate().identity.open_passes_of(user.id, now()),
        wanted=[
            (each, other)
            for other in beyond(gate().identity, user)
            for each in gate().identity.open_passes_of(other.id, now())
            if each.scope is Scope.REGISTRATION and not each.agreed
        ],
        acts=[(each, _may_do(each, asked)) for each in gate().identity.open_acts_of(user.id, now())],
        helper_id=sender.user.id,
        may_mail=bool(gate().identity.notices.ready and user.mail),
        needs_second=is_privileged(gate().identity, user),
        limits=bypass,
        elsewhere=[link.beyond(own().id).company for link in gate().links.of_user(user.id)],
        sessions=gate().pages.sessions_of(user.id),
        records=gate().pages.records_of(user.id, RECENT),
        explained=explained,
        head_office=of_head_office(),
        hosts=hosts_of(user),
        vias=list(Via),
        risks=[(each.value, LEVELS[each].to(language())) for each in Level],
        methods=[(each.value, METHODS[each].to(language())) for each in Method if each not in NOT_OURS],
        supposed_more=any(request.args.get(name) for name in MORE),
        endpoints=gate().endpoints.owned_by(user),
        objects=explained.objects
        if explained
        else visible_objects(gate().policy.current(), subject_of(user)),
    )


def _may_do(act: AskedAct, helper: Helper) -> bool:
    ports = gate().identity
    return not any(is_same_person(ports, helper.id, other) for other in (act.user_id, act.asked_by_id))

"""People who work for two companies: proposed, approved, refused, cut. ◆"""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.scope import own
from access.console.current import gate, now, source, visitor
from access.console.fresh_code import by_fresh_code
from access.console.languages import language
from access.console.limits import FOR_TYPING_SECRETS, limiter
from access.console.roles import role
from access.errors import Refused
from access.model import Role, User
from access.people.person_link import PROPOSAL_S, LinkState, NobodyThere

pages = Blueprint("links", __name__)
HERE = "/console/links"


def _refused(wrong: str, **_values: int) -> ResponseReturnValue:
    return _show(wrong), 400


fresh = by_fresh_code(lambda **_: HERE, _refused)


@pages.get("/links")
@role(Role.ADMIN)
def listed() -> ResponseReturnValue:
    """What is proposed and what stands, and the form for another proposal."""
    return _show()


@pages.post("/links")
@role(Role.ADMIN)
@limiter.limit(FOR_TYPING_SECRETS)
@fresh
def propose() -> ResponseReturnValue:
    """Propose that somebody of ours is somebody of another company."""
    user = _meant(request.form.get("user", ""), own().key)
    other = _meant(request.form.get("other", ""), "")
    made = gate().links.propose(visitor().user, user, other, now())
    flash(
        _("Proposed. An administrator of %(company)s has to approve it.", company=made.other.company), "good"
    )
    return redirect(HERE, 303)


@pages.post("/links/<int:link_id>/approve")
@role(Role.ADMIN)
@fresh
def approve(link_id: int) -> ResponseReturnValue:
    """Approve what another company has proposed."""
    made = gate().links.approve(visitor().user, link_id, now())
    flash(
        _("%(login)s is linked. The phones of both accounts count for both.", login=made.other.login), "good"
    )
    return redirect(HERE, 303)


@pages.post("/links/<int:link_id>/end")
@role(Role.ADMIN)
def end(link_id: int) -> ResponseReturnValue:
    """Refuse, withdraw or cut: at once, and without a fresh code."""
    try:
        made = gate().links.end(visitor().user, link_id, now())
    except Refused as refused:
        flash(refused.to(language()), "bad")
        return redirect(HERE, 303)
    ours = made.of(own().id)
    cut = made.state is LinkState.LINKED
    words = _("The link of %(login)s is cut.") if cut else _("The proposal for %(login)s is over.")
    flash(words % {"login": ours.login if ours else ""}, "good")
    return redirect(HERE, 303)


def _show(wrong: str = "") -> str:
    here = own().id
    found = gate().links.listed(here)
    return render_template(
        "admin/links.html",
        standing=[
            (each, each.of(here), each.beyond(here)) for each in found if each.state is LinkState.LINKED
        ],
        waiting=[
            (each, each.of(here), each.beyond(here), each.other.organization_id == here)
            for each in found
            if each.state is LinkState.PROPOSED and each.open(now())
        ],
        lasts_s=PROPOSAL_S,
        wrong=wrong,
        typed=request.form,
    )


def _meant(login: str, company: str) -> User:
    """Return whom a name means. Raises NobodyThere, whatever is the matter with it."""
    typed = login.strip()
    whole = f"{typed}@{company}" if company and "@" not in typed else typed
    user = gate().identity.claim(whole, source()).user if "@" in whole else None
    if user is None:
        raise NobodyThere
    return user

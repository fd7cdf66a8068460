"""What the helpdesk does about the codes of a person: the use cases of `officegate otp`, to click. ◆

Whatever hands something out, or makes an old count of wrong codes be forgotten, takes a code the helper has
proven within ten minutes, and is not for people who run the house unless an administrator does it.
"""

from flask import Blueprint, abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.scope import person_or_404
from access.console.current import gate, now, visitor
from access.console.fresh_code import by_fresh_code
from access.console.languages import language
from access.console.limits import FOR_TYPING_SECRETS, limiter
from access.console.refusals import told_of
from access.console.roles import role
from access.console.rooms import HELP
from access.errors import Refused
from access.model import User, Via
from access.people.privilege import beyond
from access.proof import enrolment, helping, passkeys, token_desk
from access.proof.authentication import Refusal
from access.proof.helping import Asked, Pass, Scope
from access.proof.token_desk import Helper, Pair
from access.proof.two_administrators import Act, AskedAct, Wanted, second, want
from otp import bypass
from otp.errors import BadToken

pages = Blueprint("factors", __name__, url_prefix="/users/<int:user_id>")


def helper() -> Helper:
    """Who sends this request, as one who helps."""
    sender = visitor()
    return Helper(f"{sender.user.name}@{sender.user.organization}", sender.roles, sender.user.id)


def _told(wrong: str, user_id: int, **_more: int) -> ResponseReturnValue:
    flash(wrong, "bad")
    return _back(user_id)


fresh = by_fresh_code(lambda user_id, **_: f"/console/users/{user_id}", _told)


@pages.post("/pass")
@role(*HELP)
@limiter.limit(FOR_TYPING_SECRETS)
@fresh
def give_pass(user_id: int) -> ResponseReturnValue:
    """Have a code made for somebody; it goes to them, and is shown to nobody here."""
    user = person_or_404(user_id)
    return _passed(user, helping.ask(gate().identity, helper(), user, _asked(user), now()))


@pages.post("/passes/<int:pass_id>/agree")
@role(*HELP)
@fresh
def agree(user_id: int, pass_id: int) -> ResponseReturnValue:
    """Agree, as the second administrator, to a code for somebody who runs the house."""
    user = person_or_404(user_id)
    known = gate().identity.open_pass(pass_id, now())
    if known is None or known.user_id not in {each.id for each in gate().identity.same_person(user.id)}:
        abort(404)
    return _passed(user, helping.agree(gate().identity, helper(), pass_id, now()))


@pages.post("/unlock")
@role(*HELP)
@fresh
def unlock(user_id: int) -> ResponseReturnValue:
    """Set the wrong codes of somebody back who has been recognised."""
    user = person_or_404(user_id)
    return _done(user, Act.UNLOCK, want(gate().identity, helper(), user, Wanted(Act.UNLOCK), now()))


@pages.post("/resync")
@role(*HELP)
@limiter.limit(FOR_TYPING_SECRETS)
@fresh
def resync(user_id: int) -> ResponseReturnValue:
    """Find a phone or hardware token again by two codes that its owner reads out."""
    user = person_or_404(user_id)
    wanted = Wanted(Act.RESYNC, pair=_pair())
    return _done(user, Act.RESYNC, want(gate().identity, helper(), user, wanted, now()))


@pages.post("/acts/<int:act_id>/do")
@role(*HELP)
@limiter.limit(FOR_TYPING_SECRETS)
@fresh
def do(user_id: int, act_id: int) -> ResponseReturnValue:
    """Do, as the second administrator, what another one has asked for."""
    user = person_or_404(user_id)
    known = gate().identity.open_act(act_id, now())
    if known is None or known.user_id != user.id:
        abort(404)
    return _done(user, known.act, second(gate().identity, helper(), act_id, _pair(), now()))


@pages.post("/assign")
@role(*HELP)
@fresh
def assign(user_id: int) -> ResponseReturnValue:
    """Give a hardware token to somebody."""
    user = person_or_404(user_id)
    serial = request.form.get("serial", "").strip()
    given = token_desk.assign(gate().identity, helper(), user, serial, now())
    if isinstance(given, Refusal):
        return _refused(user, given)
    flash(_("The hardware authenticator %(serial)s is theirs now.", serial=serial), "good")
    return _back(user_id)


@pages.post("/phones/<int:token_id>/give-back")
@role(*HELP)
@fresh
def give_back(user_id: int, token_id: int) -> ResponseReturnValue:
    """Let a phone count again that was reported lost and has been found."""
    user = person_or_404(user_id)
    wanted = Wanted(Act.GIVE_BACK, token_id)
    return _done(user, Act.GIVE_BACK, want(gate().identity, helper(), user, wanted, now()))


@pages.post("/phones/<int:token_id>/revoke")
@role(*HELP)
def revoke(user_id: int, token_id: int) -> ResponseReturnValue:
    """Take a phone away that was lost: at once, and without a fresh code."""
    user = person_or_404(user_id)
    if enrolment.revoke(gate().identity, user, token_id, helper().name, now()):
        flash(_("It is revoked. Its codes count no longer."), "good")
    else:
        flash(_("It was revoked before."), "quiet")
    return _back(user_id)


@pages.post("/passkeys/<int:passkey_id>/revoke")
@role(*HELP)
def revoke_passkey(user_id: int, passkey_id: int) -> ResponseReturnValue:
    """Take a passkey away that was lost: at once, and without a fresh code."""
    user = person_or_404(user_id)
    try:
        passkeys.may_revoke_or_refuse(gate().identity, helper(), user)
    except Refused as refused:
        flash(refused.to(language()), "bad")
        return _back(user_id)
    if passkeys.revoke(gate().identity, user, passkey_id, helper().name, now()):
        flash(_("The passkey is revoked. It signs nobody in any longer."), "good")
    else:
        flash(_("It was revoked before."), "quiet")
    return _back(user_id)


@pages.post("/phones/revoke")
@role(*HELP)
def revoke_all(user_id: int) -> ResponseReturnValue:
    """Take everything away that somebody signs in with beside the password."""
    user = person_or_404(user_id)
    enrolment.revoke(gate().identity, user, None, helper().name, now())
    flash(_("Everything is revoked: phones, passkeys, written codes, and signed-in browsers."), "good")
    return _back(user_id)


def _asked(user: User) -> Asked:
    """Return what the form says. Raises Refused."""
    door = request.form.get("via", "")
    try:
        hours, uses = float(request.form.get("hours", "")), int(request.form.get("uses", ""))
        limits = bypass.Limits(hours, uses, frozenset({Via(door).value} if door else ()))
    except (ValueError, BadToken):
        most = f"{bypass.LONGEST_HOURS:.0f}", f"{bypass.MOST_USES}"
        raise Refused(
            f"A bypass code lasts up to {most[0]} hours and has 1 to {most[1]} uses.",
            f"임시 번호는 최대 {most[0]}시간, 1번에서 {most[1]}번까지 쓸 수 있게 만들 수 있습니다.",
        ) from None
    wanted = request.form.get("scope", "")
    scope = Scope(wanted) if wanted in set(Scope) else Scope.BYPASS
    demanded = gate().identity.demanded_proofs(user)
    ticked = set(request.form.getlist("proof"))
    proofs = tuple(step for number, step in enumerate(demanded) if str(number) in ticked)
    return Asked(scope, limits, proofs, request.form.get("colleague", ""))


def _passed(user: User, given: Pass | Refusal) -> ResponseReturnValue:
    if isinstance(given, Refusal):
        return _refused(user, given)
    if not given.agreed and given.scope is Scope.REGISTRATION and beyond(gate().identity, user):
        flash(_("The helpdesk of their other company has to agree within an hour."), "wait")
    elif not given.agreed:
        flash(_("A second administrator has to agree within an hour."), "wait")
    elif given.colleague_id is None:
        flash(_("The code is on its way to their mail address."), "good")
    else:
        flash(_("Their colleague finds the code in the portal, for an hour."), "good")
    return _back(user.id)


def _pair() -> Pair:
    return Pair(request.form.get("first", ""), request.form.get("second", ""))


def _done(user: User, act: Act, answer: AskedAct | bool | Refusal) -> ResponseReturnValue:
    if isinstance(answer, Refusal):
        return _refused(user, answer)
    if isinstance(answer, AskedAct):
        flash(_("Asked for. Another administrator has to do it within an hour."), "wait")
        return _back(user.id)
    words = {
        (Act.UNLOCK, True): (_("The wrong codes are set back. Codes that were used stay used."), "good"),
        (Act.UNLOCK, False): (_("No wrong codes were counted."), "quiet"),
        (Act.RESYNC, True): (_("It is found again. The next login takes the next code."), "good"),
        (Act.GIVE_BACK, True): (_("The phone counts again."), "good"),
        (Act.GIVE_BACK, False): (_("It is too late for that: register it anew."), "bad"),
    }
    flash(*words[act, answer])
    return _back(user.id)


def _refused(user: User, refusal: Refusal) -> ResponseReturnValue:
    told = told_of(refusal)
    flash(f"{told.title}. {told.advice}", "bad")
    return _back(user.id)


def _back(user_id: int) -> ResponseReturnValue:
    return redirect(f"/console/users/{user_id}#codes", 303)

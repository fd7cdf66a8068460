"""Signing in: name and password, then a code, or a registration code where nothing is registered yet. ◆"""

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from access.console import carried
from access.console.current import contained, gate, now, source, visitor, visitor_or_none
from access.console.languages import COOKIE, NAMES
from access.console.limits import FOR_TYPING_SECRETS, limiter
from access.console.passkey_place import usable_passkeys
from access.console.refusals import Sentence, told_of, told_of_containment
from access.console.roles import public, step
from access.console.wayfinding import go_on, remember
from access.model import Reason, Role
from access.proof import enrolment, signin, vouching
from access.proof.authentication import Refusal
from access.proof.mailed_codes import offered, send_code
from access.proof.signin import Attempt, Due
from access.words.reasons import MEANINGS

pages = Blueprint("portal", __name__)
A_YEAR_S = 365 * 24 * 3600


@pages.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """The first page a stranger sees."""
    found = visitor_or_none()
    if found is not None and Role.EMPLOYEE in found.roles:
        return redirect("/", 303)
    return _first_page()


@pages.post("/sign-in")
@public
@limiter.limit(FOR_TYPING_SECRETS)
def check_password() -> ResponseReturnValue:
    """A name and a password."""
    name, company = request.form.get("name", "").strip(), request.form.get("company", "")
    login = name if "@" in name or not company else f"{name}@{company}"
    attempt = Attempt(_with_only_company(login), request.form.get("password", ""), source())
    answer = signin.start(gate().identity, attempt, now())
    if isinstance(answer, Refusal):
        return _first_page(answer, name)
    user = gate().identity.person(answer.session.user_id)
    barred = contained(user) if user is not None else None
    if barred is not None:
        signin.refuse_contained(gate().identity, answer.session, now())
        return _first_page(Refusal(Reason.CONTAINED), name, told_of_containment(barred))
    target = request.args.get("next", "")
    response = carried.carry(answer, go_on(answer.due))
    return remember(response, target)


@pages.get("/sign-in/code")
@step(Due.CODE)
def code() -> ResponseReturnValue:
    """The second page, for those who have registered a phone."""
    return code_page()


@pages.post("/sign-in/code")
@step(Due.CODE)
@limiter.limit(FOR_TYPING_SECRETS)
def check_code() -> ResponseReturnValue:
    """A code of the phone, or a recovery code."""
    answer = signin.give_code(gate().identity, visitor(), request.form.get("code", ""), now())
    if isinstance(answer, Refusal):
        return code_page(refusal=told_of(answer)), _status(answer)
    return carried.carry(answer, go_on(answer.due))


@pages.post("/sign-in/code/mail")
@step(Due.CODE)
@limiter.limit(FOR_TYPING_SECRETS)
def mail_code() -> ResponseReturnValue:
    """A code sent to the address in the directory, where the company lets that be."""
    answer = send_code(gate().identity, visitor(), now())
    if isinstance(answer, Refusal):
        return code_page(refusal=told_of(answer)), _status(answer)
    return code_page(sent_to=answer.to)


@pages.get("/sign-in/registration")
@step(Due.REGISTRATION, Due.CODE)
def registration() -> ResponseReturnValue:
    """The second page, for those who have nothing registered, or nothing to hand."""
    return _registration_page()


@pages.post("/sign-in/on-site")
@step(Due.REGISTRATION)
@limiter.limit(FOR_TYPING_SECRETS)
def on_site() -> ResponseReturnValue:
    """Register a first phone from where that takes no registration code."""
    answer = signin.begin_on_site(gate().identity, visitor(), now())
    if isinstance(answer, Refusal):
        return _registration_page(told_of(answer)), _status(answer)
    return carried.carry(answer, go_on(answer.due))


@pages.post("/sign-in/vouched")
@step(Due.REGISTRATION, Due.CODE)
@limiter.limit(FOR_TYPING_SECRETS)
def vouched() -> ResponseReturnValue:
    """Register a phone on the word of two colleagues."""
    answer = vouching.begin_vouched(gate().identity, visitor(), now())
    if isinstance(answer, Refusal):
        return _registration_page(told_of(answer)), _status(answer)
    return carried.carry(answer, go_on(answer.due))


@pages.get("/lost")
@step(Due.CODE, Due.NOTHING)
def lost() -> ResponseReturnValue:
    """What happens if a phone is reported lost."""
    return render_template("portal/lost.html")


@pages.post("/lost")
@step(Due.CODE, Due.NOTHING)
@limiter.limit(FOR_TYPING_SECRETS)
def report_lost() -> ResponseReturnValue:
    """Stop all phones at once. It takes no code: it only lessens what anyone can do."""
    report = enrolment.report_lost(gate().identity, visitor(), now())
    left = gate().identity.factors(visitor().user.id).recovery_left
    return render_template("portal/lost.html", stopped=not isinstance(report, Refusal), recovery_left=left)


@pages.post("/sign-in/registration")
@step(Due.REGISTRATION, Due.CODE)
@limiter.limit(FOR_TYPING_SECRETS)
def check_registration() -> ResponseReturnValue:
    """A registration code."""
    typed = request.form.get("registration_code", "")
    answer = signin.give_registration(gate().identity, visitor(), typed, now())
    if isinstance(answer, Refusal):
        return _registration_page(told_of(answer)), _status(answer)
    return carried.carry(answer, go_on(answer.due))


@pages.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """The end of the session, wherever its cookie was copied to."""
    found = visitor_or_none()
    if found is not None:
        signin.sign_out(gate().identity, found, now())
    return carried.drop("/sign-in")


@pages.post("/language")
@public
def change_language() -> ResponseReturnValue:
    """The other language, for this browser from now on."""
    response = make_response(redirect(carried.local(request.form.get("next", "/")), 303))
    chosen = request.form.get("language", "")
    if chosen in NAMES:
        secure = gate().face.secure
        response.set_cookie(COOKIE, chosen, A_YEAR_S, httponly=True, samesite="Lax", secure=secure)
    return response


@pages.get("/healthz")
@public
@limiter.exempt
def healthz() -> ResponseReturnValue:
    """Whether this process can answer from the database."""
    gate().pages.organizations()
    return {"status": "ok"}


def _first_page(
    refusal: Refusal | None = None, name: str = "", sentence: Sentence | None = None
) -> ResponseReturnValue:
    told = sentence or (told_of(refusal) if refusal else None)
    companies = gate().pages.organizations()
    shown = render_template("portal/sign_in.html", companies=companies, refusal=told, name=name)
    return shown, _status(refusal) if refusal else 200


def _registration_page(refusal: Sentence | None = None) -> str:
    on_site = signin.may_begin_on_site(gate().identity, visitor())
    return render_template(
        "portal/registration.html",
        refusal=refusal,
        on_site=on_site,
        vouched=vouching.stands(gate().identity, visitor(), now()),
        may_be_vouched=gate().identity.vouch_rules(visitor().user).allowed,
    )


def code_page(refusal: Sentence | None = None, sent_to: str = "") -> str:
    """The second page: for a passkey, where there is one, and for a code."""
    return render_template(
        "portal/code.html",
        refusal=refusal,
        may_mail=offered(gate().identity, visitor().user),
        sent_to=sent_to,
        has_passkey=usable_passkeys(),
    )


def _with_only_company(login: str) -> str:
    """Where there is one company, its people need not write it."""
    companies = gate().pages.organizations()
    return f"{login}@{companies[0].key}" if "@" not in login and len(companies) == 1 else login


def _status(refusal: Refusal) -> int:
    return int(MEANINGS[refusal.reason].http_status)

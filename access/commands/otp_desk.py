"""officegate otp bypass | assign | identify | resync | show: for who has a token, or none to hand. ◆"""

from typing import TypeVar

import click

from access.app import App
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.commands.otp_opened import helper, identity_of, moment, opened
from access.commands.person import shown
from access.errors import Refused
from access.keys.sealing import key_id_of
from access.model import Bilingual, Via
from access.proof.authentication import Refusal
from access.proof.token_desk import Bypass, Pair, issue_bypass
from access.proof.token_desk import assign as assign_token
from access.proof.token_desk import identify as identify_token
from access.proof.token_desk import resync as resync_token
from access.store import token_rows
from access.store.token_rows import TokenRow
from access.words.reasons import MEANINGS
from otp import bypass as limits_of
from otp.errors import BadToken
from otp.kinds import Kind

Answer = TypeVar("Answer")
DOORS = [each.value for each in Via]
FOR_THE_PERSON = Bilingual(
    ko="휴대폰 대신 인증 번호 자리에 {code} 를 입력해 주세요. {until}까지 {uses}번 쓸 수 있습니다. "
    "비밀번호 뒤에 이어서 입력하는 곳에서는 숫자만 입력해 주세요.",
    en="Type {code} where the code of your phone is asked for, {uses} times until {until}. Where the code "
    "goes behind the password, type the digits alone.",
)


@click.command()
@click.argument("user")
@click.option("--hours", type=float, default=limits_of.HOURS, show_default=True, help="How long it lasts.")
@click.option("--uses", type=int, default=limits_of.USES, show_default=True, help="How often it counts.")
@click.option(
    "--via", "doors", multiple=True, type=click.Choice(DOORS), help="Only at this door; repeatable."
)
@passed
def bypass(invocation: Invocation, user: str, hours: float, uses: int, doors: tuple[str, ...]) -> None:
    """Print a code that stands in for the phone of USER for a while; an older one ends.

    Tell it to the person only once you know who they are, and by another way than the company password goes.
    """
    app, whom = opened(invocation, user)
    try:
        limits = limits_of.Limits(hours, uses, frozenset(doors))
    except BadToken as error:
        raise Refused(f"Not made: {error}.") from None
    made = _right(issue_bypass(identity_of(app), helper(), whom, limits, app.clock()), shown(whom))
    where = ", ".join(sorted(doors)) or "every door"
    click.echo(f"Bypass code for {shown(whom)}: {made.code}")
    click.echo(f"Good {uses} times at {where}, until {moment(app, made.valid_until)}; an older one ends now.")
    click.echo("For the person: " + _for_the_person(app, made, whom.language))


@click.command()
@click.argument("serial")
@click.argument("user")
@passed
def assign(invocation: Invocation, serial: str, user: str) -> None:
    """Give the hardware token SERIAL to USER: one in stock, or one that was given back.

    It counts from now on, beside what they have. Hand it to nobody but the person.
    """
    app, whom = opened(invocation, user)
    _right(assign_token(identity_of(app), helper(), whom, serial.strip(), app.clock()), shown(whom))
    click.echo(f"The hardware token {serial.strip()} is {shown(whom)}'s.")


@click.command()
@click.argument("first")
@click.argument("second")
@click.option("--organization", help="Only among those of one company, by its key.")
@passed
def identify(invocation: Invocation, first: str, second: str, organization: str | None) -> None:
    """Tell which hardware token in stock shows FIRST and right after it SECOND. No code is spent."""
    app = invocation.app()
    found = identify_token(identity_of(app), organization, Pair(first, second), app.clock())
    if not found:
        raise Refused(
            "No hardware token in stock shows these two codes. Wait for the next two, one right after the "
            "other, and see that the file with its secret was imported: officegate otp list --stock"
        )
    for key, token in found:
        click.echo(f"{token.serial} of {key}: officegate otp assign {token.serial} NAME@{key}")
    if len(found) > 1:
        click.echo("More than one: take two more codes.")


@click.command()
@click.argument("user")
@click.argument("first")
@click.argument("second")
@passed
def resync(invocation: Invocation, user: str, first: str, second: str) -> None:
    """Find a phone or hardware token of USER again whose clock or counter has run away, by two codes.

    They have to follow each other. Both are spent. Two that do not follow each other count as one wrong code.
    """
    app, whom = opened(invocation, user)
    pair = Pair(first, second)
    token = _right(resync_token(identity_of(app), operator(), whom, pair, app.clock()), shown(whom))
    name = f"hardware token {token.serial}" if token.serial else f"phone {token.id}"
    click.echo(f"Found {name} of {shown(whom)} again. The next login takes the next code.")


@click.command()
@click.argument("token")
@passed
def show(invocation: Invocation, token: str) -> None:
    """Show all about one TOKEN but its secret: its number in `otp list`, or a serial number."""
    app = invocation.app()
    with app.database.read() as conn:
        found = token_rows.rows_named(conn, token)
    if not found:
        raise Refused(f"There is no phone or hardware token {token}. See: officegate otp list USER")
    for row in found:
        for name, said in _lines(app, row).items():
            click.echo(f"{name:<14} {said}")


def _right(answer: Answer | Refusal, whom: str) -> Answer:
    """Return the answer. Raises Refused."""
    if isinstance(answer, Refusal):
        meaning = MEANINGS[answer.reason]
        raise Refused(f"Not for {whom}: {meaning.title.en}. {meaning.administrator.en}")
    return answer


def _for_the_person(app: App, made: Bypass, language: str) -> str:
    until = moment(app, made.valid_until)
    uses = str(made.issued.uses_left)
    return FOR_THE_PERSON.to(language).format(code=made.code, until=until, uses=uses)


def _lines(app: App, row: TokenRow) -> dict[str, str]:
    known = row.summary
    every = f"a counter, at {row.last_step + 1}"
    if known.kind == Kind.TOTP.value:
        off_s = row.drift_steps * row.period_s
        every = f"every {row.period_s} s, its clock {off_s:+d} s" if off_s else f"every {row.period_s} s"
    waits = moment(app, known.throttled_until) if known.throttled_until > app.clock() else "no"
    return {
        "number": f"{known.id}",
        "serial": known.serial or "none",
        "whose": row.owner or "nobody's, in stock",
        "nickname": known.nickname or "none",
        "kind": f"{known.kind}, {row.digits} digits, HMAC-{row.algorithm}, {every}",
        "state": known.state.value,
        "origin": known.origin.value or "not recorded",
        "since": moment(app, known.proven_at or known.created_at),
        "last used": f"{moment(app, known.used_at)} {known.used_place}".rstrip(),
        "wrong codes": f"{known.failures} in a row",
        "waits until": waits,
        "sealed under": key_id_of(row.sealed),
    }

"""officegate otp: invite somebody to enrol a phone, list, revoke and unlock what they have. ◆

What is done for one token, or with two codes of one, stands in access.commands.otp_desk.
"""

import click

from access.app import App
from access.commands.invocation import Invocation, passed
from access.commands.operator import operator
from access.commands.otp_desk import assign, bypass, identify, resync, show
from access.commands.otp_files import export, import_
from access.commands.otp_opened import identity_of, moment, opened
from access.commands.otp_rekey import rekey
from access.commands.person import shown
from access.errors import Refused
from access.model import Bilingual
from access.proof.authentication import Refusal
from access.proof.enrolment import invite as invite_user
from access.proof.enrolment import revoke as revoke_tokens
from access.proof.enrolment import unlock as unlock_user
from access.proof.factors import FactorSummary, PasskeySummary, TokenSummary
from access.proof.passkeys import revoke as revoke_passkey
from access.store import token_rows
from access.store.identity import factors_of
from access.words.reasons import MEANINGS

FOR_THE_PERSON = Bilingual(
    ko="{url} 에서 회사 비밀번호로 로그인한 뒤 등록 코드를 입력하고, 화면에 나오는 QR 코드를 "
    "휴대폰의 인증 앱으로 찍어 주세요. 2분이면 됩니다.",
    en="Sign in at {url} with your company password, enter the registration code, and scan the QR code "
    "with the authenticator app of your phone. It takes two minutes.",
)


@click.group()
def otp() -> None:
    """Authenticator phones and hardware tokens of people. USER is name@organization."""


for command in (assign, bypass, export, identify, import_, rekey, resync, show):
    otp.add_command(command)


@otp.command()
@click.argument("user")
@passed
def invite(invocation: Invocation, user: str) -> None:
    """Print a registration code that lets USER enrol a phone; older codes end.

    Tell it to the person by another way than the company password goes, and only once you know who they are.
    """
    app, whom = opened(invocation, user)
    invited = invite_user(identity_of(app), whom, operator(), app.clock())
    if isinstance(invited, Refusal):
        raise Refused(f"{shown(whom)} is not invited. {MEANINGS[invited.reason].administrator.en}")
    click.echo(f"Registration code for {shown(whom)}: {invited.code}")
    click.echo(f"Good once, until {moment(app, invited.valid_until)}; older ones are worth nothing now.")
    click.echo("For the person: " + FOR_THE_PERSON.to(whom.language).format(url=_portal(app)))


@otp.command("list")
@click.argument("user", required=False)
@click.option("--stock", is_flag=True, help="The hardware tokens that nobody has, instead.")
@passed
def list_(invocation: Invocation, user: str | None, stock: bool) -> None:
    """Show what USER has: phones, codes that stand in for them, an open invitation. Never a secret."""
    if stock == (user is not None):
        raise click.UsageError("Name a person, or give --stock.")
    if user is None:
        _list_stock(invocation.app())
        return
    app, whom = opened(invocation, user)
    with app.database.read() as conn:
        held = factors_of(conn, whom.id)
    click.echo(shown(whom))
    for token in held.tokens:
        click.echo("  " + _line(app, token))
    for passkey in held.passkeys:
        click.echo("  " + _passkey_line(app, passkey))
    for line in _beside(app, held):
        click.echo("  " + line)


@otp.command()
@click.argument("user")
@click.option("--token", "token_id", type=int, help="Only this phone, by its number in `otp list`.")
@click.option("--passkey", "passkey_id", type=int, help="Only this passkey, by its number there.")
@passed
def revoke(invocation: Invocation, user: str, token_id: int | None, passkey_id: int | None) -> None:
    """Take away from USER what they have: all, with written codes and signed-in browsers; or one."""
    if token_id is not None and passkey_id is not None:
        raise click.UsageError("Name a phone or a passkey, one at a time.")
    app, whom = opened(invocation, user)
    if passkey_id is not None:
        if not revoke_passkey(identity_of(app), whom, passkey_id, operator(), app.clock()):
            raise Refused(
                f"{shown(whom)} has no passkey {passkey_id} to revoke. See: officegate otp list {user}"
            )
        click.echo(f"Revoked passkey {passkey_id} of {shown(whom)}.")
        return
    revoked = revoke_tokens(identity_of(app), whom, token_id, operator(), app.clock())
    if token_id is not None and not revoked:
        raise Refused(f"{shown(whom)} has no phone {token_id} to revoke. See: officegate otp list {user}")
    if token_id is not None:
        click.echo(f"Revoked phone {token_id} of {shown(whom)}.")
    else:
        click.echo(f"Revoked everything of {shown(whom)}: {revoked} phones, all passkeys and written codes.")
        click.echo(f"To let them enrol again: officegate otp invite {user}")


@otp.command()
@click.argument("user")
@passed
def unlock(invocation: Invocation, user: str) -> None:
    """Set back the wrong codes of USER, once you know who they are. Spent codes stay spent."""
    app, whom = opened(invocation, user)
    forgiven = unlock_user(identity_of(app), whom, operator(), app.clock())
    click.echo(
        f"Unlocked {shown(whom)}." if forgiven else f"Nothing of {shown(whom)} was counting wrong codes."
    )


def _portal(app: App) -> str:
    web = app.settings.web
    return web.public_url or f"{'https' if web.certificate else 'http'}://{web.listen}"


def _list_stock(app: App) -> None:
    with app.database.read() as conn:
        rows = token_rows.stock(conn)
    for row in rows:
        known = row.summary
        click.echo(f"{known.serial or known.id} of {row.organization}: {known.kind}, {row.digits} digits")
    click.echo(f"{len(rows)} hardware tokens that nobody has.")


def _line(app: App, token: TokenSummary) -> str:
    name = f"{token.id} {token.nickname}".rstrip()
    what = f"hardware token {token.serial}, number" if token.serial else "phone"
    parts = [
        f"{what} {name}: {token.kind}, {token.state.value}",
        f"since {moment(app, token.proven_at or token.created_at)}",
        f"last used {moment(app, token.used_at)} {token.used_place}".rstrip(),
    ]
    if token.origin:
        parts.append(f"by {token.origin}")
    if token.failures:
        parts.append(f"{token.failures} wrong codes in a row")
    if token.throttled_until > app.clock():
        parts.append(f"waits until {moment(app, token.throttled_until)}")
    return ", ".join(parts)


def _passkey_line(app: App, passkey: PasskeySummary) -> str:
    name = f"{passkey.id} {passkey.nickname}".rstrip()
    parts = [
        f"passkey {name}",
        f"since {moment(app, passkey.created_at)}",
        f"last used {moment(app, passkey.used_at)} {passkey.used_place}".rstrip(),
    ]
    return ", ".join([*parts, f"by {passkey.origin}"] if passkey.origin else parts)


def _beside(app: App, held: FactorSummary) -> list[str]:
    lines = [] if held.tokens else ["no phone"]
    lines.append(f"recovery codes left: {held.recovery_left}")
    if held.bypass is not None and held.bypass.good(app.clock()):
        where = " ".join(sorted(held.bypass.doors)) or "every door"
        lines.append(
            f"bypass code by {held.bypass_by}: {held.bypass.uses_left} uses left at {where}"
            f" until {moment(app, held.bypass.expires_at)}"
        )
    if held.recovery_failures:
        lines.append(f"wrong recovery codes in a row: {held.recovery_failures}")
    if held.invited_until is not None and held.invited_until > app.clock():
        lines.append(f"registration code good until {moment(app, held.invited_until)}")
    return lines

"""What every command about codes begins with: the installation, whom a name means, who asks. ◆"""

from datetime import datetime

from access.app import App, open_credentials, open_identity
from access.commands.invocation import Invocation
from access.commands.operator import operator
from access.commands.person import person
from access.model import Role, User
from access.proof.token_desk import Helper
from access.store.passkey_desk import StoredPasskeyDesk

WRITER = "command-line"


def opened(invocation: Invocation, text: str) -> tuple[App, User]:
    """Return the installation, and whom a name means. Raises NobodyMeant."""
    app = invocation.app()
    with app.database.read() as conn:
        return app, person(conn, text)


def identity_of(app: App) -> StoredPasskeyDesk:
    """Return what signing in and the desk ask of the world."""
    return open_identity(app, WRITER, open_credentials(app))


def helper() -> Helper:
    """Return the same as one who may do everything: whoever has the machine has the keys."""
    return Helper(operator(), frozenset({Role.ADMIN}))


def moment(app: App, at: float | None) -> str:
    """Return a moment for people."""
    if at is None:
        return "never"
    return datetime.fromtimestamp(at, app.settings.time_zone).strftime("%Y-%m-%d %H:%M %Z")

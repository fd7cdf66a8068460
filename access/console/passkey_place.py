"""Whether browsers have passkeys at the address somebody has come by. ◆"""

from urllib.parse import urlsplit

from flask import request

from access.console.current import gate, visitor


def passkeys_here() -> bool:
    """Whether a passkey can be made or used on this page: it is for the name of web.public_url alone."""
    party = gate().identity.relying_party
    return party is not None and urlsplit(f"//{request.host}").hostname == party.id


def usable_passkeys() -> bool:
    """Whether the visitor has a passkey that can be used here."""
    return passkeys_here() and bool(gate().identity.factors(visitor().user.id).passkeys)

"""How often one address may ask: no defence against guessing, but against one machine using us up. ◆"""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from access.console.request_counts import RequestCounts

# An office behind one address signs in at nine o'clock; a page costs some twenty milliseconds.
FOR_ANYTHING = "1200 per minute"
FOR_TYPING_SECRETS = "120 per minute"
# An application asks for all of its people, from one address: twice as often as codes are to be verified.
FOR_PROGRAMS = "36000 per minute"

limiter = Limiter(
    get_remote_address,
    default_limits=[FOR_ANYTHING],
    storage_uri=f"{RequestCounts.STORAGE_SCHEME[0]}://",
    headers_enabled=False,
)


def install(app: Flask) -> None:
    """Count the requests of this process."""
    limiter.init_app(app)

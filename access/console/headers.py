"""What goes out with every page, and whom a page is for: headers, and the names we answer to. ◆"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

from access.console.gate import Gate

# Bootstrap draws its ticks and arrows as data: images. Nothing runs or is styled from within a page.
CONTENT = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
FIXED = {
    "Content-Security-Policy": CONTENT,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HSTS = "max-age=31536000"
SAME_SITE = ("same-origin", "none")
CHANGING = ("POST", "PUT", "PATCH", "DELETE")


def install(app: Flask, gate: Gate) -> None:
    """Refuse requests that were meant for another name or sent by another site; dress every answer."""

    @app.before_request
    def refuse_what_is_not_for_us() -> None:
        if not is_ours(request.host, gate):
            abort(400)
        if request.method in CHANGING and request.headers.get("Sec-Fetch-Site", "none") not in SAME_SITE:
            abort(403)

    @app.after_request
    def dress(response: Response) -> Response:
        response.headers.update(FIXED)
        if gate.face.secure:
            response.headers["Strict-Transport-Security"] = HSTS
        if request.endpoint not in ("static", "bootstrap.static"):
            # Pages show who may do what; a shared or stolen machine must not keep them.
            response.headers["Cache-Control"] = "no-store"
        return response


def is_ours(host: str, gate: Gate) -> bool:
    """Whether a Host header names us: a name of ours, or a bare address.

    A page of somebody else's that has its own name point at our address (DNS rebinding) sends its own name.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
        ours = urlsplit(gate.face.public_url).hostname
    except ValueError:
        return False
    return name in {"localhost", ours, gate.face.host} or _is_address(name)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True

"""The lists of revoked certificates, for whoever has to check one of ours. ◆"""

from flask import Blueprint, Response, abort

from access.certificates.issuing import revocation_list
from access.console.current import gate, now
from access.console.roles import public

pages = Blueprint("lists", __name__)


@pages.get("/crl/<authority>.crl")
@public
def crl(authority: str) -> Response:
    """The signed list of an authority (RFC 5280), in DER."""
    octets = revocation_list(gate().certificates, gate().certificate_rules, authority, now())
    if octets is None:
        abort(404)
    return Response(octets, mimetype="application/pkix-crl")

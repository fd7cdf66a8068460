"""The faces: portal for employees, console for administrators, API for programs. ◆"""

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_login import LoginManager
from flask_wtf import CSRFProtect

from access.console import errors, frame, headers, languages, limits, lists, metrics, roles, turned_away
from access.console.addresses import RowNumber
from access.console.admin import (
    addresses,
    ahead,
    alarms,
    campaigns,
    changes,
    containments,
    devices,
    directory,
    endpoints,
    explaining,
    factors,
    grants,
    groups,
    links,
    nas,
    nas_certificates,
    openings,
    people,
    policy,
    records,
    relinks,
    replaying,
    reviews,
    sessions,
    waves,
    zones,
)
from access.console.api import codes, explain
from access.console.api import install as install_api
from access.console.current import EXTENSION
from access.console.gate import Gate
from access.console.person import who_sends
from access.console.portal import (
    access,
    acting,
    certificates,
    confirm,
    device,
    enrol,
    home,
    network_passwords,
    open_office,
    passes,
    passkeys,
    password,
    phones,
    reach,
    signin,
    vouch,
)

LARGEST_FORM_OCTETS = 2 * 1024 * 1024
# What stands at the root, and what stands under /console.
PORTAL = (
    access,
    open_office,
    signin,
    enrol,
    device,
    confirm,
    home,
    acting,
    network_passwords,
    certificates,
    password,
    vouch,
    passes,
    phones,
    passkeys,
    reach,
    lists,
    metrics,
)
DESK = (
    sessions,
    people,
    explaining,
    groups,
    links,
    relinks,
    reviews,
    campaigns,
    addresses,
    records,
    alarms,
    containments,
    directory,
    endpoints,
    devices,
    nas,
    nas_certificates,
    grants,
    openings,
    policy,
    changes,
    replaying,
    ahead,
    waves,
    zones,
)


def create_app(gate: Gate) -> Flask:
    """Return the pages over a gate. Two applications in one process do not know of each other."""
    app = errors.Pages(__name__)
    app.url_map.converters["int"] = RowNumber
    app.config.update(
        SECRET_KEY=gate.secret_key,
        SESSION_COOKIE_NAME=gate.face.cookie_name("form"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=gate.face.secure,
        MAX_CONTENT_LENGTH=LARGEST_FORM_OCTETS,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM_OCTETS,
        # No Referer is ever sent (see headers); what other sites send is refused by Sec-Fetch-Site.
        WTF_CSRF_SSL_STRICT=False,
        # As long as its session: somebody who went to find their phone must not have to start again.
        WTF_CSRF_TIME_LIMIT=None,
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.extensions[EXTENSION] = gate
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    headers.install(app, gate)
    limits.install(app)
    csrf = CSRFProtect(app)
    languages.install(app, gate)
    Bootstrap5(app)
    login = LoginManager(app)
    login.session_protection = None
    login.request_loader(who_sends)
    roles.guard(app)
    frame.install(app)
    for part in PORTAL:
        app.register_blueprint(part.pages)
    for part in DESK:
        app.register_blueprint(part.pages, url_prefix="/console")
    app.register_blueprint(factors.pages, url_prefix="/console/users/<int:user_id>")
    install_api(app, gate)
    # Nobody's browser sends the key of a program by itself.
    csrf.exempt(codes.verify)
    csrf.exempt(explain.explain)
    # After the API, which would answer every error with JSON.
    errors.install(app)
    turned_away.install(app)
    return app

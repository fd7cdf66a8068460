"""officegate web: serve the portal, the console and the API. ◆"""

from collections.abc import Callable
from typing import Any

import click

from access.app import (
    App,
    bearable,
    budget,
    certificate_rules,
    hashes_compared,
    open_app,
    open_certificates,
    open_countries,
    open_credentials,
    open_identity,
    open_links,
    open_policies,
    open_relinks,
    open_standing,
    public_url,
    radius_status,
)
from access.commands.invocation import Invocation, passed
from access.console import create_app
from access.console.gate import Face, Gate
from access.store.api_keys import StoredApiKeys
from access.store.desktops import StoredDesktops
from access.store.directory_desk import StoredDirectoryDesk
from access.store.endpoint_desk import StoredEndpoints
from access.store.local_desk import StoredLocalDesk
from access.store.local_group_desk import StoredLocalGroups
from access.store.nas_desk import StoredNasDesk
from access.store.pages.policy import StoredPolicyDesk
from access.store.pages.stored import StoredPages
from access.store.questions import StoredQuestions
from access.webd import Listener, serve

WRITER = "web"


@click.command()
@passed
def web(invocation: Invocation) -> None:
    """Serve the portal, the console and the API, until stopped."""
    # Opened once before anything listens, so that what is wrong is said once and not by every worker.
    face = face_of(invocation.app())
    settings = invocation.settings.web
    listener = Listener(str(settings.listen), face.public_url, settings.certificate, settings.private_key)

    def make() -> Callable[..., Any]:
        return create_app(open_gate(open_app(invocation.settings)))

    serve(make, listener)


def open_gate(app: App) -> Gate:
    """What the pages stand on, over an installation."""
    shelf = open_policies(app, WRITER)
    policy = StoredPolicyDesk(shelf, app.clock, app.settings.time_zone, bearable(app.settings))
    countries = open_countries(app)
    return Gate(
        face=face_of(app),
        secret_key=app.keyring.subkey("web forms"),
        envelope_key=app.keyring.subkey("web envelopes"),
        clock=app.clock,
        identity=open_identity(app, WRITER, open_credentials(app)),
        pages=StoredPages(
            database=app.database,
            keyring=app.keyring,
            random=app.random,
            clock=app.clock,
            writer=WRITER,
            heads_dir=app.settings.audit.heads_dir,
        ),
        policy=policy,
        questions=StoredQuestions(
            app.database, app.keyring, app.clock, app.settings.time_zone, policy.current, countries
        ),
        certificates=open_certificates(app, WRITER),
        certificate_rules=certificate_rules(app.settings),
        api_keys=StoredApiKeys(app.database),
        links=open_links(app, WRITER),
        relinks=open_relinks(app, WRITER),
        standing=open_standing(app, WRITER),
        directory=StoredDirectoryDesk(app.database, app.keyring, app.random, app.clock, WRITER),
        local_groups=StoredLocalGroups(app.database, app.keyring, app.random, WRITER, budget(app.settings)),
        local_users=StoredLocalDesk(app.database, app.keyring, app.random, WRITER),
        endpoints=StoredEndpoints(app.database, app.keyring, app.random, WRITER),
        desktops=StoredDesktops(app.database, app.keyring, app.random, app.clock, WRITER, policy.current),
        nas=StoredNasDesk(
            app.database, app.keyring, app.random, app.clock, WRITER, hashes_compared(app.settings)
        ),
        status=lambda: radius_status(app.settings),
        metrics_token=app.settings.metrics.token,
        countries=countries,
    )


def face_of(app: App) -> Face:
    """How the pages are reached and shown."""
    return Face(
        public_url=public_url(app.settings),
        host=app.settings.web.listen.host,
        time_zone=app.settings.time_zone,
        language=app.settings.language.value,
        head_office=app.settings.head_office,
        security_contact=app.settings.policy.security_contact,
    )

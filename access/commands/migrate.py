"""officegate migrate: bring the database to this version, and the configured companies into it. ◆"""

import click

from access.app import mirror_organizations
from access.commands.invocation import Invocation, passed
from access.store import schema


@click.command()
@passed
def migrate(invocation: Invocation) -> None:
    """Bring the database to this version, and the companies of the configuration into it."""
    app = invocation.unmigrated()
    before, after = schema.upgrade(app.database)
    changed = mirror_organizations(app)
    click.echo(f"database {_moved(before, after)}; companies changed: {', '.join(changed) or 'none'}")


def _moved(before: str | None, after: str) -> str:
    if before is None:
        return f"made at {after}"
    return f"from {before} to {after}" if before != after else f"at {after} already"

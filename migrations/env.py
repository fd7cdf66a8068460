"""What Alembic runs: inside the application's transaction, or alone when a developer writes a revision.

Alone it needs an address: alembic -c migrations/alembic.ini -x url=sqlite:///build/a.sqlite revision ...
"""

from alembic import context
from sqlalchemy import Connection, create_engine

from access.store.tables import METADATA


def run(connection: Connection) -> None:
    """Run the revisions that are wanted over an open connection."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = context.get_x_argument(as_dictionary=True)["url"]
    with create_engine(url).connect() as own:
        run(own)

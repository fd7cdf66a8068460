"""One PostgreSQL database for many tests: a copy of a template, emptied between them.

To copy the template costs half a second, to empty a copy a hundredth of that.
"""

from itertools import count

import psycopg
from psycopg import sql

from tests.peers.postgres import Postgres

# Rows alone are put back. Whoever changed more, or left the revision otherwise, has used the copy up.
_SHAPE = """
select array(
  select format('%s %s', oid, relname) from pg_class where relnamespace = 'public'::regnamespace
  union all select format('%s %s %s %s %s', attrelid, attnum, attname, atttypid, attnotnull)
    from pg_attribute join pg_class on attrelid = pg_class.oid
    where relnamespace = 'public'::regnamespace and attnum > 0
  union all select format('%s %s %s', oid, tgname, tgenabled) from pg_trigger
  union all select format('%s %s', oid, conname) from pg_constraint
    where connamespace = 'public'::regnamespace
  union all select format('%s %s', oid, proname) from pg_proc where pronamespace = 'public'::regnamespace
  union all select version_num from alembic_version
  order by 1)
"""
# As a replica would: no foreign key is checked, and no trigger keeps the audit.
_EMPTY = """
set local session_replication_role = replica;
do $$ declare filled regclass; begin
  for filled in
    select oid from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'alembic_version'
  loop execute format('delete from %s', filled); end loop;
end $$;
select setval(seqrelid, seqstart, false) from pg_sequence;
"""
# What was deleted still takes room until somebody vacuums.
LOANS = 200


class LentDatabase:
    """Lends one database at a time, each time with the template's rows (none but the revision) in it."""

    def __init__(self, cluster: Postgres, template: str) -> None:
        self._cluster = cluster
        self._template = template
        self._numbers = count(1)
        self.name = ""
        self._loans = 0
        with psycopg.connect(cluster.dsn(template)) as connection:
            self._shape = _shape(connection)

    def lend(self) -> str:
        """The SQLAlchemy URL of a database nobody else uses until it is taken back."""
        if not self.name:
            self.name = f"lent{next(self._numbers)}"
            self._loans = 0
            self._run("create database {} template {}", self.name, self._template)
        self._loans += 1
        return self._cluster.url(self.name)

    def take_back(self) -> None:
        """Ends what is still connected, then empties the database or throws it away."""
        self._end_connections()
        if self._loans >= LOANS or not self._emptied():
            self._cluster.drop_database(self.name)
            self.name = ""

    def _emptied(self) -> bool:
        """Whether it is as the template is."""
        try:
            with psycopg.connect(self._cluster.dsn(self.name)) as connection:
                if _shape(connection) != self._shape:
                    return False
                connection.execute(_EMPTY)
        except psycopg.OperationalError:
            return False
        return True

    def _end_connections(self) -> None:
        query = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s"
        with psycopg.connect(self._cluster.dsn("postgres"), autocommit=True) as connection:
            connection.execute(query, [self.name])

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._cluster.dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _shape(connection: psycopg.Connection[tuple[list[str]]]) -> list[str]:
    row = connection.execute(_SHAPE).fetchone()
    return row[0] if row else []

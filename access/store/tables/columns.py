"""What every table has: how its constraints are named, and the number of its rows. ◆"""

from sqlalchemy import BigInteger, Column, Integer, MetaData

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts rows by itself only in a column it calls INTEGER; PostgreSQL needs 64 bits.
Serial = BigInteger().with_variant(Integer, "sqlite")


def row_id() -> Column[int]:
    """Return the column `id`, which the database counts up."""
    return Column("id", Serial, primary_key=True, autoincrement=True)

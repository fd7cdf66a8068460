"""Alembic revisions of the Officegate database."""

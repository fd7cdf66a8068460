"""SQLAlchemy tables and every query, a file a topic."""

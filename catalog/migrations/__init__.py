"""Schema revisions for SQLite and PostgreSQL; run by `catalog.migrate.upgrade`."""

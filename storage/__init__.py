"""The database: engine and sessions, tables, one file of queries an area, secrets, signals."""

"""The database: engine and sessions, tables, secrets, and the queries of every area in a room of its own."""

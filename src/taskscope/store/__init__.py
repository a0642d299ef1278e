"""ClickHouse tables, embedded or on a server: engine, migrations, retention, SQL in files."""

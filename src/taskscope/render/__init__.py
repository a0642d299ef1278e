"""From ``model`` to text, tables and JSON."""

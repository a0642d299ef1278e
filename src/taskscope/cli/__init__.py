"""The command table and the light commands."""

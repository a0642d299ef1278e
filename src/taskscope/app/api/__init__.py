"""The API of a collector or a command: served, and found."""

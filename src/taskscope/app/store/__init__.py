"""The store of a collector or a command: opened, kept in order, imported into, asked."""

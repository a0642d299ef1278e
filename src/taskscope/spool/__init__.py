"""The durable boundary: append-only segment files, group commit, one cursor for each consumer."""

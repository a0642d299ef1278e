"""The collector in a task: `inject`, `healthcheck`, and the flags of the daemon that it takes the place of."""

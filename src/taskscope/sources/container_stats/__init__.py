"""The collector's own reading of the task metadata endpoint: statistics of the containers beside it."""

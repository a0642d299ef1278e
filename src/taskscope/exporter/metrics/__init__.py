"""What a reading of the task metadata endpoint is in Prometheus' words: the names of others, and conventional ones."""

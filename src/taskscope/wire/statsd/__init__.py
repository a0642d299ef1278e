"""StatsD and DogStatsD lines: samples, events and service checks."""

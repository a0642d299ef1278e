"""Settings as people write them: flags, environment, defaults."""

"""Settings as people write them: flags, environment, file, defaults; and those of the tools that are replaced."""

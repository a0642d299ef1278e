"""What the store knows of requests: `traces`, `show`, `map`."""

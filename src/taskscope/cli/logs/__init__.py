"""Log lines of AWS and of the store: `logs`."""

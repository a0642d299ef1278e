"""Log records: found, paged through, counted, followed, and joined to traces."""

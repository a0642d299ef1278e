"""X-Ray: segment documents over UDP and TCP kept as they come, and answers to the sampling polls of SDKs."""

"""What benchmarks of the collector send, with which processes, and the server that they send it to."""

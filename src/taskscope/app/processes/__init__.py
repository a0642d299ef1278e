"""The processes of a collector: planned, started with their ports and counters, watched, stopped with a receipt."""

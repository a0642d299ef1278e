"""Metrics that were sent: which there are, with which labels, and their values over time, computed in the store."""

"""Traces: spans read, put together into a tree, corrected for clocks, measured, and shown."""

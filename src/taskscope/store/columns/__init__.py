"""Rows in flight become columns at rest: one Arrow table for each table of the store."""

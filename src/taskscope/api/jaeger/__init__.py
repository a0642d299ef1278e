"""Jaeger's query API, as Grafana's data source and Jaeger's own pages call it."""

"""OTLP: requests over HTTP and gRPC, kept as they came and answered when they are durable."""

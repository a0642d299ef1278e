"""OTLP and back: export requests in Protobuf and in JSON, one plain decoder and encoder for each signal."""

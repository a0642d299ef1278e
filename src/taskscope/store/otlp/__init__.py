"""OTLP bodies on their way into the engine, which reads them but cannot write lists, maps and some numbers as text."""

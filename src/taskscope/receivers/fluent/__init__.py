"""The Fluent forward protocol over TCP, as FireLens speaks it: messages are cut out of the stream, kept, answered."""

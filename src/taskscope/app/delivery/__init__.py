"""From the spool to the sinks: the consumers, and who knows the senders."""

"""From the spool to the sinks: cut, decode, enrich, sample, deliver; bounded and counted."""

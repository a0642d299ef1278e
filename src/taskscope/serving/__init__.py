"""HTTP servers on sockets of ours, for senders that are slow, half-open or hostile."""

"""What a process of the collector can be: a role is started, and stopped when its time has come."""

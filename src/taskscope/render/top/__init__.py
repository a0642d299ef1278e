"""What runs now, as a table that fits its terminal: tasks with their containers."""

"""A trace as a waterfall in the terminal."""

"""HTTP in front of what is kept: REST for the console and scripts."""

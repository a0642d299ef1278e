"""The REST client of our own server, and finding it: what commands that ask the store speak."""

"""The commands of the server and the sidecar."""

"""What can be imported: the traces and logs of an account, and of files, in pieces that a server takes at once."""

-- Some senders put the port behind it.
if(countSubstrings($peer_sent, ':') = 1, substringIndex($peer_sent, ':', 1), $peer_sent)

"""What is pushed to us: frame the bytes, hand them to the spool, no decoding. One folder each, none knows another."""

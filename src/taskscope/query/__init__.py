"""Questions to the store: planned here, computed there; no question reads more rows than it shows."""

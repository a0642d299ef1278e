"""Watches clusters by AWS's API, on a schedule and within a budget: what is new is given away as bodies of frames."""

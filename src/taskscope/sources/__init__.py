"""Pull, once or on a schedule: what AWS knows, as objects of ``model``."""

"""The one place that talks to AWS: it answers what AWS said, as objects of ``model``."""

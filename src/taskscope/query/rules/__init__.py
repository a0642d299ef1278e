"""What a span means: its outcome, its node, what it calls. In Python here, the same in SQL in ``store/sql/rules``."""

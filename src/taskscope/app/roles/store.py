"""The owner of the store: opens and migrates it, keeps retention, and answers for it over HTTP."""

"""Lambda functions run from their zip, through the real runtime client, in their own process."""

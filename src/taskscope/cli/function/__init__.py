"""The Lambda function: `lambda package`."""

"""Spans of any origin to AWS X-Ray, as segment documents."""

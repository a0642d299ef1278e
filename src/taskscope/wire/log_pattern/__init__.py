"""The filter pattern language of CloudWatch Logs: terms, regular expressions, columns, JSON."""

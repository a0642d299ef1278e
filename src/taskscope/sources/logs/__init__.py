"""Logs of CloudWatch by the group: what is meant, a window of many groups in order, following without loss."""

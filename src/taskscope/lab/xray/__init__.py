"""X-Ray's sampling answers, so that an instrumented program starts as it does beside AWS."""

"""One port for every service: route, decode, validate, answer and encode by botocore's service models."""

"""Where batches end: the contract (`api`) with its double (`testing`), and store, xray, cloudwatch, otlp."""

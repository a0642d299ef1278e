"""Events of AWS over HTTP: EventBridge API destinations, SNS, Lambda's Telemetry API; each message is a frame."""

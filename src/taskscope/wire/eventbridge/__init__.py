"""What AWS tells by EventBridge and by Lambda's Telemetry API: changes of ECS objects, platform events, log lines."""

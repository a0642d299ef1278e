"""EventBridge, as far as it delivers ECS state changes: rules, patterns, targets."""

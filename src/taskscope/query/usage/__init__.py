"""What clusters, services, tasks and containers use: now, on average over a window, over time."""

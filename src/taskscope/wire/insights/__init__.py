"""What CloudWatch measured of ECS: Container Insights' performance events and CloudWatch's metrics, as datapoints."""

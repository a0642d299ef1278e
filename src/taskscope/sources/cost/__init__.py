"""What sending to CloudWatch would cost: amounts of metrics and logs, and prices for them."""

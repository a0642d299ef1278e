output "function_arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.taskscope.arn
}

output "log_group_name" {
  description = "Where the reports are."
  value       = aws_cloudwatch_log_group.taskscope.name
}

output "dead_letter_queue_url" {
  description = "Events that could not be delivered or told; null without a dead-letter queue."
  value       = one(aws_sqs_queue.dead_letters[*].id)
}

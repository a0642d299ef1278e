firstNonDefault($table_name, ${s}SpanAttributes['aws.s3.bucket'], $queue_name, ${s}SpanAttributes['faas.invoked_name'], $aws_service)

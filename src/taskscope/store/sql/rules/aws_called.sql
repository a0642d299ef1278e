multiIf(
    $aws_service = 'DynamoDB' AND $table_name != '', $table_name,
    $aws_service = 'S3' AND ${s}SpanAttributes['aws.s3.bucket'] != '', ${s}SpanAttributes['aws.s3.bucket'],
    $aws_service = 'SQS' AND $queue_name != '', $queue_name,
    $aws_service = 'Lambda' AND ${s}SpanAttributes['faas.invoked_name'] != '', ${s}SpanAttributes['faas.invoked_name'],
    $aws_service)

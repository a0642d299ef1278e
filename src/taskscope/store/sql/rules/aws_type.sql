multiIf(
    $aws_service = 'DynamoDB' AND $table_name != '', 'AWS::DynamoDB::Table',
    $aws_service = 'S3' AND ${s}SpanAttributes['aws.s3.bucket'] != '', 'AWS::S3::Bucket',
    $aws_service = 'SQS' AND $queue_name != '', 'AWS::SQS::Queue',
    concat('AWS::', $aws_service))

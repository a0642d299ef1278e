multiIf(
    $table_name != '', 'AWS::DynamoDB::Table',
    ${s}SpanAttributes['aws.s3.bucket'] != '', 'AWS::S3::Bucket',
    $queue_name != '', 'AWS::SQS::Queue',
    ${s}SpanAttributes['faas.invoked_name'] != '', 'AWS::Lambda',
    concat('AWS::', $aws_service))

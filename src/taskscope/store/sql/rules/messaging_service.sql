-- Systems of messages that are services of AWS.
transform($messaging_system,
    ['aws.sns', 'aws.sqs', 'aws_sns', 'aws_sqs', 'amazonsqs'], ['SNS', 'SQS', 'SNS', 'SQS', 'SQS'], '')

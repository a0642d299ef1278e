-- What SDKs call services, in small letters without separators and brand; X-Ray's words for them.
['apigateway', 'athena', 'bedrockruntime', 'cloudwatch', 'cloudwatchlogs', 'cognitoidp', 'dynamodb', 'dynamodbv2', 'ec2',
    'ecr', 'ecs', 'eks', 'email', 'eventbridge', 'events', 'firehose', 'glue', 'iam', 'kinesis', 'kms', 'lambda', 'logs',
    'monitoring', 'rds', 's3', 'secretsmanager', 'securitytokenservice', 'ses', 'sesv2', 'sfn',
    'simplenotificationservice', 'simplequeueservice', 'simplesystemsmanagement', 'sns', 'sqs', 'ssm', 'states',
    'stepfunctions', 'sts'],
['APIGateway', 'Athena', 'BedrockRuntime', 'CloudWatch', 'CloudWatchLogs', 'CognitoIdentityProvider', 'DynamoDB',
    'DynamoDB', 'EC2', 'ECR', 'ECS', 'EKS', 'SES', 'EventBridge', 'EventBridge', 'Firehose', 'Glue', 'IAM', 'Kinesis',
    'KMS', 'Lambda', 'CloudWatchLogs', 'CloudWatch', 'RDS', 'S3', 'SecretsManager', 'STS', 'SES', 'SES', 'StepFunctions',
    'SNS', 'SQS', 'SSM', 'SNS', 'SQS', 'SSM', 'StepFunctions', 'StepFunctions', 'STS']

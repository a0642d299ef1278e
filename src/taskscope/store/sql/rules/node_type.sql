multiIf(
    JSONExtractString(${s}Resource, 'aws.xray.origin') != '', JSONExtractString(${s}Resource, 'aws.xray.origin'),
    JSONExtractString(${s}Resource, 'cloud.provider') NOT IN ('', 'aws'), '',
    JSONExtractString(${s}Resource, 'cloud.platform') = 'aws_ecs',
        transform(
            lower(if(JSONExtractString(${s}Resource, 'aws.ecs.launchtype') != '',
                JSONExtractString(${s}Resource, 'aws.ecs.launchtype'), JSONExtractString(${s}Resource, 'aws.ecs.launch_type'))),
            ['ec2', 'fargate'], ['AWS::ECS::EC2', 'AWS::ECS::Fargate'], 'AWS::ECS::Container'),
    transform(
        JSONExtractString(${s}Resource, 'cloud.platform'),
        ['aws_app_runner', 'aws_ec2', 'aws_eks', 'aws_elastic_beanstalk', 'aws_lambda'],
        ['AWS::AppRunner::Service', 'AWS::EC2::Instance', 'AWS::EKS::Container', 'AWS::ElasticBeanstalk::Environment',
            'AWS::Lambda::Function'],
        ''))

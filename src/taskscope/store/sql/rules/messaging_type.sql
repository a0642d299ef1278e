multiIf(
    $messaging_service = 'SQS' AND ($queue_name != '' OR $messaging_destination != ''), 'AWS::SQS::Queue',
    $messaging_service != '', concat('AWS::', $messaging_service),
    concat('Queue::', $messaging_system))

multiIf(
    $messaging_service = 'SQS' AND firstNonDefault($queue_name, $messaging_destination) != '', 'AWS::SQS::Queue',
    $messaging_service != '', concat('AWS::', $messaging_service),
    concat('Queue::', $messaging_system))

multiIf(
    $messaging_service = 'SQS', firstNonDefault($queue_name, $messaging_destination, 'SQS'),
    $messaging_service != '', $messaging_service,
    firstNonDefault($messaging_destination, $messaging_system))

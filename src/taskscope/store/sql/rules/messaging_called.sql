multiIf(
    $messaging_service = 'SQS' AND $queue_name != '', $queue_name,
    $messaging_service = 'SQS' AND $messaging_destination != '', $messaging_destination,
    $messaging_service != '', $messaging_service,
    $messaging_destination != '', $messaging_destination,
    $messaging_system)

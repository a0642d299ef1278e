-- Empty for a span that calls nothing, or a producer that does not say where to.
multiIf(
    NOT $is_call, '',
    $is_aws, $aws_called,
    $is_database, $database_called,
    $messaging_system != '', $messaging_called,
    $remote_called)

-- Means nothing where called_name is empty.
multiIf(
    NOT $is_call, '',
    $is_aws, $aws_type,
    $is_database, $database_type,
    $messaging_system != '', $messaging_type,
    $remote_called != '', 'remote',
    '')

-- Means nothing where called_name is empty.
[$aws_type, $database_type, $messaging_type, if($remote_called != '', 'remote', '')][
    if($is_call, indexOf([$is_aws, $is_database, $messaging_system != '', true], true), 0)]

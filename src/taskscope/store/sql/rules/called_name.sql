-- Empty for a span that calls nothing, or a producer that does not say where to.
-- Not multiIf: its lazy branches take more than all of them: 3.5 us a span with the type, for 1.9.
[$aws_called, $database_called, $messaging_called, $remote_called][
    if($is_call, indexOf([$is_aws, $is_database, $messaging_system != '', true], true), 0)]

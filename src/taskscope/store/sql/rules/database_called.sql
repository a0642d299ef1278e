multiIf(
    ${s}SpanAttributes['aws.xray.namespace'] != '', ${s}SpanName::String,
    $database_name != '' AND $peer_host != '', concat($database_name, '@', $peer_host),
    $database_name != '', $database_name,
    $peer_host != '', $peer_host,
    $database_system != '', $database_system,
    ${s}SpanName::String)

-- X-Ray names a subsegment of SQL as its database: name@host.
firstNonDefault(
    if(${s}SpanAttributes['aws.xray.namespace'] != '', ${s}SpanName, ''),
    arrayStringConcat(arrayFilter(part -> part != '', [firstNonDefault(${s}SpanAttributes['db.namespace'], ${s}SpanAttributes['db.name']), $peer_host]), '@'),
    $database_system,
    ${s}SpanName)

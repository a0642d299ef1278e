firstNonDefault(
    if(${s}SpanAttributes['aws.xray.namespace'] != '', ${s}SpanName, ''),
    ${s}SpanAttributes['peer.service'],
    $peer_host,
    substringIndex(${s}SpanAttributes['http.host'], ':', 1),
    $url_host,
    if(${s}SpanKind = 3, ${s}SpanName, ''))

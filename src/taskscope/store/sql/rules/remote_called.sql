multiIf(
    ${s}SpanAttributes['aws.xray.namespace'] != '', ${s}SpanName::String,
    ${s}SpanAttributes['peer.service'] != '', ${s}SpanAttributes['peer.service'],
    $peer_host != '', $peer_host,
    substringIndex(${s}SpanAttributes['http.host'], ':', 1) != '', substringIndex(${s}SpanAttributes['http.host'], ':', 1),
    $url_host != '', $url_host,
    ${s}SpanKind = 3, ${s}SpanName::String,
    '')

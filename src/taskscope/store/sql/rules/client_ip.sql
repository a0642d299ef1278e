multiIf(
    ${s}SpanAttributes['client.address'] != '', ${s}SpanAttributes['client.address'],
    ${s}SpanAttributes['http.client_ip'] != '', ${s}SpanAttributes['http.client_ip'],
    ${s}SpanKind != 2, '',
    ${s}SpanAttributes['network.peer.address'] != '', ${s}SpanAttributes['network.peer.address'],
    ${s}SpanAttributes['net.peer.ip'])

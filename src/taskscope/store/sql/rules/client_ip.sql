-- Of a server's span the peer's address is the next best.
firstNonDefault(
    ${s}SpanAttributes['client.address'], ${s}SpanAttributes['http.client_ip'],
    if(${s}SpanKind = 2, firstNonDefault(${s}SpanAttributes['network.peer.address'], ${s}SpanAttributes['net.peer.ip']), ''))

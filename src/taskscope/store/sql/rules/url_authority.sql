firstNonDefault(${s}SpanAttributes['http.host'], ${s}SpanAttributes['server.address'], ${s}SpanAttributes['net.host.name'])

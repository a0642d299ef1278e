firstNonDefault(${s}SpanAttributes['server.port'], ${s}SpanAttributes['net.host.port'])

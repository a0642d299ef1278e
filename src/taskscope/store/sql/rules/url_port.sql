if(${s}SpanAttributes['server.port'] != '', ${s}SpanAttributes['server.port'], ${s}SpanAttributes['net.host.port'])

if(${s}SpanAttributes['server.address'] != '', ${s}SpanAttributes['server.address'], ${s}SpanAttributes['net.peer.name'])

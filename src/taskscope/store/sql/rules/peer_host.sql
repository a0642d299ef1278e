-- Some senders put the port behind it; an IPv6 address has more colons.
replaceRegexpOne(firstNonDefault(${s}SpanAttributes['server.address'], ${s}SpanAttributes['net.peer.name']), '^([^:]*):[^:]*$$', '\\1')

firstNonDefault(${s}SpanAttributes['messaging.destination.name'], ${s}SpanAttributes['messaging.destination'])

lower(${s}SpanAttributes['messaging.system'])

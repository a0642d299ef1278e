firstNonDefault(${s}SpanAttributes['user_agent.original'], ${s}SpanAttributes['http.user_agent'])

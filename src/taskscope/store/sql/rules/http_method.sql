firstNonDefault(${s}SpanAttributes['http.request.method'], ${s}SpanAttributes['http.method'])

firstNonDefault(${s}SpanAttributes['http.target'], ${s}SpanAttributes['url.path'])

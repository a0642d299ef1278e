firstNonDefault(${s}SpanAttributes['url.full'], ${s}SpanAttributes['http.url'])

firstNonDefault(${s}SpanAttributes['url.scheme'], ${s}SpanAttributes['http.scheme'], 'http')

if(${s}SpanAttributes['http.target'] != '', ${s}SpanAttributes['http.target'], ${s}SpanAttributes['url.path'])

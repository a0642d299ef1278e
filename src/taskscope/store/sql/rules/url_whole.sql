if(${s}SpanAttributes['url.full'] != '', ${s}SpanAttributes['url.full'], ${s}SpanAttributes['http.url'])

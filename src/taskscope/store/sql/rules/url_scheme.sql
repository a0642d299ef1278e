multiIf(
    ${s}SpanAttributes['url.scheme'] != '', ${s}SpanAttributes['url.scheme'],
    ${s}SpanAttributes['http.scheme'] != '', ${s}SpanAttributes['http.scheme'],
    'http')

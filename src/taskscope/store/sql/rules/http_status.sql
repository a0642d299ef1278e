toUInt16OrZero(firstNonDefault(${s}SpanAttributes['http.response.status_code'], ${s}SpanAttributes['http.status_code']))

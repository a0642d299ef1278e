toUInt16OrZero(if(${s}SpanAttributes['http.response.status_code'] != '', ${s}SpanAttributes['http.response.status_code'], ${s}SpanAttributes['http.status_code']))

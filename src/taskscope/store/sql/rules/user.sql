firstNonDefault(${s}SpanAttributes['enduser.id'], ${s}SpanAttributes['user.id'])

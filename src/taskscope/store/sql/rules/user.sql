if(${s}SpanAttributes['enduser.id'] != '', ${s}SpanAttributes['enduser.id'], ${s}SpanAttributes['user.id'])

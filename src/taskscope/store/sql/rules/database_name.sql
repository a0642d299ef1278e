if(${s}SpanAttributes['db.namespace'] != '', ${s}SpanAttributes['db.namespace'], ${s}SpanAttributes['db.name'])

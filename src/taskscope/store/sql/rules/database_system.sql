lower(firstNonDefault(${s}SpanAttributes['db.system'], ${s}SpanAttributes['db.system.name']))

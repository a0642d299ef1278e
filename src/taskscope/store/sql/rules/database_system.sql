lower(if(${s}SpanAttributes['db.system'] != '', ${s}SpanAttributes['db.system'], ${s}SpanAttributes['db.system.name']))

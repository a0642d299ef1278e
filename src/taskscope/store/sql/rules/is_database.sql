(firstNonDefault(${s}SpanAttributes['db.system'], ${s}SpanAttributes['db.system.name'], ${s}SpanAttributes['db.query.text'],
    ${s}SpanAttributes['db.statement'], ${s}SpanAttributes['db.connection_string'], ${s}SpanAttributes['aws.xray.sql.url']) != '')

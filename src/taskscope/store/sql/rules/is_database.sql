($database_system != '' OR ${s}SpanAttributes['db.query.text'] != '' OR ${s}SpanAttributes['db.statement'] != ''
    OR ${s}SpanAttributes['db.connection_string'] != '' OR ${s}SpanAttributes['aws.xray.sql.url'] != '')

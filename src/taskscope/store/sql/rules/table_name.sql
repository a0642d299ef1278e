-- Several tables have no name: the service stands for them.
if(${s}SpanAttributes['aws.dynamodb.table_names'] != '',
    extract(${s}SpanAttributes['aws.dynamodb.table_names'], '^\\["([^"\\\\]*)"\\]$$'),
    ${s}SpanAttributes['aws.table_name'])

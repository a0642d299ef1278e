if(${s}SpanAttributes['aws.dynamodb.table_names'] != '',
    ${s}SpanAttributes['aws.dynamodb.table_names'], ${s}SpanAttributes['aws.table_name'])

-- SDKs write services as their endpoints, their ids or their products are called.
transform(
    replaceRegexpAll(lower(firstNonDefault(${s}SpanAttributes['rpc.service'], ${s}SpanAttributes['aws.service'], ${s}SpanName)),
        '[ ._-]+|^(amazon|aws)', ''),
    $aws_service_names,
    replaceAll(firstNonDefault(${s}SpanAttributes['rpc.service'], ${s}SpanAttributes['aws.service'], ${s}SpanName), ' ', ''))

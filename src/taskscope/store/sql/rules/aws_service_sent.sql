multiIf(
    ${s}SpanAttributes['rpc.service'] != '', ${s}SpanAttributes['rpc.service'],
    ${s}SpanAttributes['aws.service'] != '', ${s}SpanAttributes['aws.service'],
    ${s}SpanName::String)

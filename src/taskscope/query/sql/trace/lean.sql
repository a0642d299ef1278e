-- Spans of a trace without what nobody draws, in columns for each sender; ids, eight bytes each, as one text in hex.
-- Flags: 1 and 2 the outcome, 4 a subsegment, 8 enters by itself, 16 in progress, 32 an exception, 64 its callee traces,
-- 128 a call of AWS. Durations above 158 years are cut, so that ends fit in 64 bits.
SELECT
    any(ServiceName)::String,
    any(Resource)::String,
    any(ResourceSchemaUrl)::String,
    arrayStringConcat(groupArray(hex(SpanId))),
    arrayStringConcat(groupArray(hex(ParentSpanId))),
    groupArray(toUnixTimestamp64Nano(Timestamp)),
    groupArray(least(Duration, 5000000000000000000)),
    groupArray(SpanKind),
    groupArray($outcome + 4 * $is_inside + 8 * $is_entry + 16 * in_progress + 32 * (has(`Events.Name`, 'exception') OR SpanAttributes['aws.xray.cause'] != '')
        + 64 * (SpanAttributes['aws.xray.traced'] = 'true') + 128 * (SpanAttributes['rpc.system'] = 'aws-api')),
    groupArray(SpanName),
    groupArray($called_name),
    groupArray($called_type),
    groupArray($user),
    groupArray(if(SpanAttributes['aws.xray.annotations'] = '', map()::Map(LowCardinality(String), String), SpanAttributes))
FROM
(
    SELECT *
    FROM
    (
        $found
    )
    $order
    LIMIT {limit:UInt64}
)
GROUP BY cityHash64(ServiceName, Resource, ResourceSchemaUrl)

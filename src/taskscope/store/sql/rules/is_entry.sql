if(${s}SpanAttributes['aws.xray.document'] != '', ${s}SpanAttributes['aws.xray.document'] = 'segment', ${s}SpanKind IN (2, 5) OR NOT $has_parent)

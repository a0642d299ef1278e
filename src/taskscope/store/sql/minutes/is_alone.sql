(ServiceName = 'unknown_service' AND SpanAttributes['aws.xray.document'] NOT IN ('', 'segment'))

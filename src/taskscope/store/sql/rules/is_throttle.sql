($http_status = 429 OR ${s}SpanAttributes['aws.xray.throttle'] = 'true')

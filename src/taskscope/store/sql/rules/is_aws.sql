(${s}SpanAttributes['aws.xray.namespace'] = 'aws' OR ${s}SpanAttributes['rpc.system'] = 'aws-api'
    OR ${s}SpanAttributes['aws.service'] != '')

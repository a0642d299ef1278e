substringIndex(firstNonDefault(${s}SpanAttributes['aws.sqs.queue.url'], ${s}SpanAttributes['aws.queue_url'], ${s}SpanAttributes['messaging.url']), '/', -1)

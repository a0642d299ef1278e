-- An X-Ray subsegment: it belongs to the node of its parent, whatever its resource says.
(${s}SpanAttributes['aws.xray.document'] NOT IN ('', 'segment'))

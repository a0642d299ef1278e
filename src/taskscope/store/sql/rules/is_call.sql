(${s}SpanKind IN (3, 4))

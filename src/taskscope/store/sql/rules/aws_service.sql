transform(
    replaceRegexpOne(replaceRegexpAll(lower($aws_service_sent), '[ ._-]+', ''), '^(amazon|aws)', ''),
    $aws_service_names,
    replaceAll($aws_service_sent, ' ', ''))

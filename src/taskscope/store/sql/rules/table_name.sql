-- One table is a list of one, or its name; several have no name.
multiIf(
    NOT startsWith($table_names, '['), $table_names,
    JSONLength($table_names) = 1, JSONExtractString($table_names, 1),
    '')

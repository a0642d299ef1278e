v -> multiIf(
    v = '', '',
    startsWith(v, '\n') OR startsWith(v, 'z'),
        substring(v, multiIf(length(v) < 130, 3, length(v) < 16387, 4, length(v) < 2097156, 5, 6)),
    startsWith(v, '\x18'),
        toString(toInt64(arraySum(
            i -> bitShiftLeft(bitAnd(reinterpretAsUInt64(substring(v, 2 + i, 1)), 0x7f), 7 * i),
            range(least(length(v), 11) - 1)))),
    startsWith(v, '\x10'), if(endsWith(v, '\x01'), 'true', 'false'),
    startsWith(v, '!'), replaceRegexpOne(toString(reinterpretAsFloat64(substring(v, 2))), '^(-?[0-9]+)$$', '\\1.0'),
    startsWith(v, ':'),
        base64Encode(substring(v, multiIf(length(v) < 130, 3, length(v) < 16387, 4, length(v) < 2097156, 5, 6))),
    '')

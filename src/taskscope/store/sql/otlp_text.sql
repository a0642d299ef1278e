v -> multiIf(
    v = '', '',
    startsWith(v, '\n') OR startsWith(v, 'z'),
        substring(v, multiIf(length(v) < 130, 3, length(v) < 16387, 4, length(v) < 2097156, 5, 6)),
    startsWith(v, '\x18'),
        toString(toInt64(
            bitAnd(reinterpretAsUInt64(substring(v, 2, 8)), 0x7f)
            + bitShiftRight(bitAnd(reinterpretAsUInt64(substring(v, 2, 8)), 0x7f00), 1)
            + bitShiftRight(bitAnd(reinterpretAsUInt64(substring(v, 2, 8)), 0x7f0000), 2)
            + bitShiftRight(bitAnd(reinterpretAsUInt64(substring(v, 2, 8)), 0x7f000000), 3)
            + bitShiftRight(bitAnd(reinterpretAsUInt64(substring(v, 2, 8)), 0x7f00000000), 4)
            + bitShiftRight(bitAnd(reinterpretAsUInt64(substring(v, 2, 8)), 0x7f0000000000), 5)
            + bitShiftRight(bitAnd(reinterpretAsUInt64(substring(v, 2, 8)), 0x7f000000000000), 6)
            + bitShiftRight(bitAnd(reinterpretAsUInt64(substring(v, 2, 8)), 0x7f00000000000000), 7)
            + bitShiftLeft(bitAnd(reinterpretAsUInt64(substring(v, 10)), 0x7f), 56)
            + bitShiftLeft(bitAnd(reinterpretAsUInt64(substring(v, 11)), 0x01), 63))),
    startsWith(v, '\x10'), if(endsWith(v, '\x01'), 'true', 'false'),
    startsWith(v, '!'),
        replaceRegexpOne(toString(reinterpretAsFloat64(substring(v, 2))), '^(-?[0-9]+)$$', '\\1.0'),
    base64Encode(substring(v, multiIf(length(v) < 130, 3, length(v) < 16387, 4, length(v) < 2097156, 5, 6))))

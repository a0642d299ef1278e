(${s}ParentSpanId != toFixedString('', 8))

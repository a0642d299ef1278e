-- Of a histogram of durations: as model.service_map.bucket_of.
if(${s}Duration > 1, toUInt16(ceil(log2(${s}Duration) * 16)), 0)

-- Which of the console's colours a service has: its place in the order of first sight, kept for good. The earliest row of
-- a name counts.
CREATE TABLE IF NOT EXISTS $database.service_colours
(
    ServiceName String,
    Place UInt32,
    SeenAt DateTime64(9, 'UTC') DEFAULT now64(9)
)
ENGINE = MergeTree
ORDER BY (ServiceName, SeenAt)
SETTINGS non_replicated_deduplication_window = 10000, old_parts_lifetime = 10

"""StatsD lines of one window become datapoints: sums, gauges, counts of unique values, histograms."""

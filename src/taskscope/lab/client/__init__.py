"""Speaking to a running lab as any program of AWS does, by API: find it, run definitions in it, follow what they do."""

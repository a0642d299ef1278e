SELECT Minute, Version, Slot FROM ${at}rolled_minutes WHERE $minutes ORDER BY Version DESC, Slot LIMIT 1 BY Minute

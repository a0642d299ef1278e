"""StatsD and DogStatsD over UDP and a unix datagram socket: each datagram is a frame, nothing is read."""

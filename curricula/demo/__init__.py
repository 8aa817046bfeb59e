"""Generated programmes and curricula for demonstrations and benchmarks: the same for the same seed, true of nobody."""

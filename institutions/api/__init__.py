"""What the public API and the institutions' own have in common: problems, languages, limits, and keys."""

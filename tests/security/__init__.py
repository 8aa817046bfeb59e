"""Attacks that are tried, one threat a file. docs/security.md says which requirement each answers."""
